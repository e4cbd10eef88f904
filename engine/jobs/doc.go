// Package jobs works on jobs: what is done in the background, asked for in the
// transaction of the change that makes it necessary. [Local] does so for an
// SQLite file, [River] for a database on a PostgreSQL server, and nothing that
// uses a [Runner] can tell which it is; package jobstest holds both to it.
//
// # The rules
//
//   - A job is part of the transaction that asks for it: undone with it, and
//     seen by no worker before it is committed. After that it begins within a
//     second if a worker is free, in whichever process.
//   - A kind and an object have one job at a time. Who asks while there is one is
//     given that; if it runs already, it runs once more when it is done, since
//     it may have looked before the change that was made now.
//   - A job has one worker at a time. Its claim has a token and ends unless it
//     is kept within the lease, 30 seconds, by the clock of the database. A
//     worker that could not keep it for so long, by its own clock, tells its
//     handler to stop; that is earlier, since the worker counts from before the
//     claim was written. What it says of the job later is refused.
//   - A job whose worker is gone is taken by another one when the lease has
//     ended, with the progress that it had. Its handler is called anew and
//     skips what is done: handlers are idempotent. On a file, a process that
//     begins to work takes such jobs at once, if it is certain that nobody else
//     works there (Store.WorkOnJobs, called before Start).
//   - An attempt that fails, or panics, is followed by another one, later and
//     later ([Backoff]), up to the number of attempts of the job. Then it has
//     failed, and keeps the first 500 characters of the error. An attempt
//     whose process was killed counts too, or a job that kills its process
//     would do so for ever; but not if it got further than those before, so
//     that a long job is not given up because of many restarts.
//   - A job that is cancelled in the queue never begins. One that runs is told
//     by the end of its context, within [Config.Poll]; it is cancelled when its
//     handler has returned, and is done if that has finished all the same.
//   - Stop waits for what runs, then tells it to stop and puts it back, which is
//     no attempt. What does not stop keeps its claim until the process ends.
//   - The workspaces take turns, and of each the oldest job comes first. There
//     is no limit for one workspace: alone it has all workers, and others have
//     the next that is free.
//   - Jobs are deleted 30 days after their end. The audit log keeps who asked for
//     them, and who cancelled them.
//
// # Who decides
//
// The queue is our own table on both databases, in package store; all the
// rules above about claims and ends are there, once. Runners look into it every
// half second, and need nobody to tell them. That somebody does makes it fast:
// a signal in this process on SQLite, River on PostgreSQL.
//
// River carries turns, not jobs. When a job is put into the queue, in whatever
// way, a River job is inserted in the same transaction. River brings it to a
// process that has a worker free, wherever that is, and the worker then claims
// what is next, which may be another job. The rest of River is not used, since
// it has other rules: it takes a job for stuck after an hour, and calls it
// again without knowing whether somebody still has it; a worker that was
// thought dead can still say how the job ended; and it knows the order of jobs,
// but no workspaces. What River loses, or brings twice, changes nothing but
// when a job begins.
//
// A store is told (Store.DeliverJobs) whom to tell, so that it knows nothing
// of River, and this package nothing of SQL but what River needs:
//
//	s, err := store.Open(ctx, database)
//	r, err := jobs.NewRiver(jobs.Config{Store: s, Handlers: …}, database)
//	err = s.DeliverJobs(ctx, r) // makes River's tables, with River's own migrations
//	done, left, err := s.WorkOnJobs(ctx)
//	err = r.Start(ctx)
//
// A process that adds jobs and does none gives the store a [RiverDelivery], or
// nothing at all; then the jobs begin half a second later.
//
// River keeps its rows for a day after their end, and a client that leads the
// others cleans them up. It has four connections beside those of the store. A
// retry may be brought up to five seconds late, so it is the half second of ours
// that counts.
//
// # Tests
//
// VOUCH_TEST_POSTGRES is the URL of a server on which databases can be made;
// without it the tests of River are skipped. VOUCH_KILLS is how often the kill
// test kills a worker.
package jobs
