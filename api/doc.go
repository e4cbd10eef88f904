/*
Package api is the REST API of vouch, on gin. It owns HTTP and nothing of the
domain: what a request means is done by package engine, in the transactions of
its store.

# The contract

openapi.yaml is written by hand and comes first. The types and the router in
openapi.gen.go are generated from it (go generate ./api), requests are validated
against it at run time, every reply of the tests is, and a test compares the
routes with it in both directions. /openapi.json and /reference show it.

Requests are validated by the rules of OpenAPI 3.0, although the document is 3.1:
for 3.1 kin-openapi compiles the schema anew for each value. A test holds the
schemas to keywords that mean the same in both, and validates replies by the
rules of 3.1.

# How to add a route

 1. Write the operation in openapi.yaml: operationId, tags, summary, description,
    security (session and token; only session for what is for people), x-action
    (the engine's action that the role must allow), examples, and a default reply
    Problem. Something that creates takes IdempotencyKey, something that changes
    takes IfMatch, or x-unversioned where there is no version. What is about a
    secret has x-secret, and no key.
 2. go generate ./api
 3. Write the method of [Server] that the compiler asks for, in the file of its
    noun. It begins with ctx = requestContext(ctx), returns errors of the engine
    as they are (problem.go knows them), and creates inside of once.
 4. Add it to the table of calls in routes_test.go: the tests go over it with
    every role, without a token, and in a foreign workspace.

Nothing else has to be registered anywhere. x-body-limit, x-upload, x-stream,
x-unversioned, x-secret and x-open-query say what is special of a route.

Who calls is callOf(ctx).who: its Person(workspace) is who acts for the engine, also
when it is a token, whose name is in the context for the audit log.

# The way of a request

	begin      id, headers of the reply; at the end the log, figures, recovery
	admit      same site, who calls, not too much, may they
	limitBody  as large as the route takes; uploads: how many, how long
	validate   as the contract has it
	handler    ─▶ engine ─▶ store
	seen       the session or token was used; after the answer

# Who calls

A browser has a session, by a cookie, a program a token. Both are looked up for
each request in one read, and nothing of it is kept, so that what was ended, taken
away or disabled counts from the next request on, in every process.

The cookie is HttpOnly and SameSite=Lax, for the whole host and until the browser
is closed. It is named __Host-vouch_session and Secure where browsers come by
HTTPS: the server has TLS, or a proxy is named as trusted, or the public address is
https. Else it is vouch_session, without the prefix and without Secure, which not
every client keeps over plain HTTP; that is for a server on this machine, and the
log warns where others can reach it. Only the one name counts, and of two cookies
with it none.

What a page of another site makes a browser send is refused for everything that
changes something (http.CrossOriginProtection). A request with an Authorization
header is exempt, because no page can make a browser send a token; in turn the
cookie in such a request does not count, whatever the header holds.

Sign-ins that fail are counted by the engine, in the database. Secrets of links are
counted here, by address, as strangers are.

# Invariants

  - Each route in a workspace has an action, and needs a caller who is known; a
    test holds the contract to it.
  - Who is no member of a workspace cannot tell it from one that is not there.
  - Errors are problem+json from the table in problem.go. What an error that is
    not known there says stays in the log.
  - No log line, figure or trace name holds a path, a parameter, a body, a cookie
    or a token; routes are named by their pattern. The tests look for every secret
    that any of them was given in the logs of all.
  - A secret is shown in one reply, is in no table but as its hash, and comes in a
    body, never in a path. What shows one refuses an Idempotency-Key, since the
    reply would be kept: after a lost reply the thing is revoked and made anew.
  - No reply says what a Host or X-Forwarded-Host header says.
  - A reply to something that creates with a key is kept in the transaction of
    the change (once.go): after a crash there are both or neither.
  - The version of a thing is its ETag. What changes it without If-Match is
    refused, and with an old one it is told what is there now.
  - A reply that fails after it has begun breaks off the connection: nobody takes
    the part for the whole.
  - What changes has a version, or x-unversioned says that there is none.
  - Uploads go to the disk as they come, and are gone when the request ends.
  - An event stream misses nothing: it has the audit log behind it, whose seqs
    are the ids of its events. Events without an id may be missed.

# A review

	file ─ receiveForm ─▶ disk ─ ReadQuestionnaire ─▶ questions ─ engine.Intake ─▶ store, with the job
	answers ─ engine.PrepareExport ─▶ values ─ WriteAnswers ─▶ file ─ PutFile, engine.RecordExport ─▶ store

Files are read and written before the transaction, which is for storing alone: a
customer's workbook takes as long as it likes, in a process of its own, and
nobody waits for it. What has changed by then is a conflict, and the file is thrown
away. An export is made within the request: 1,000 answers take half a second. So
many run at once, and each has a time limit. The file is kept by what is in it, and can
be had again as it went out.

The ETag of an answer is its revision and its state, "2.drafted". If-Match counts
by the revision: who saw that has seen all that they write over. Where another
revision is current, the problem conflict has both, in yours and current. Decisions
name the revision in the body, because thousands of them are made at once.

What an answer's state does not allow has a code of its own (reviewproblem.go): a
client can offer to reopen what is settled, and must not offer it of four_eyes. A
test holds the table to the errors of the engine.

Members are asked for in the transaction of what names them, so that nobody is
assigned to who has just left.

What people wrote is text: in JSON, where tags are escaped; in headers, where a name is
what a file system takes; in workbooks, where it is a cell of text and no formula.

Options that read and write files are given by who makes the server: the formats
are no matter of the API. The job that drafts is done elsewhere too, by draft.Job.

# Measured

On two cores, client, server and database on the same machine, 1,000
questionnaires of 300 questions stored on SQLite:

	approvals of 50 clients            4,314 a second, p95 19 ms
	a page of 50 answers               mean 3.0 ms, p95 5.0 ms
	an export of 1,000 answers         0.5 s beside other work

	VOUCH_BENCH_QUESTIONNAIRES=1000 go test ./api -run '^$' -bench Reviews -benchtime 3000x -timeout 30m
	go test ./api -run '^$' -bench Export -benchtime 5x

50 people who edit, approve, reopen and comment on the same 300 answers without a
pause: each conflict told to one of two, nothing lost, the audit log whole. What
they wait is the queue of 50 for the one writer.

	VOUCH_CROWD=30s go test ./api -v -run TestManyReviewers [-postgres]
	SQLite      110,080 deeds in 30 s, approval p50 14 ms, p95 30 ms
	PostgreSQL   54,080 deeds in 30 s, approval p50 34 ms, p95 49 ms

Over 60 s the p95 on PostgreSQL is 51 ms; it moves between 47 and 54 ms with what
else the machine does. There the two cores are what is short: the turn to write is
held for two round trips for most decisions, and those who have it compete with
those who read (GOMAXPROCS, the size of groups, the number of readers, the garbage
collector and Unix sockets were tried and change nothing that can be told from the
noise; giving the server's processes priority does).

# Events

A stream follows one workspace. It joins the hub before it looks where the log
ends, and reads from the log whatever it lacks before the event it is told of, so
the two cannot miss or double anything. One goroutine for each workspace that is
followed reads the log: at once when a request has changed something here, and
every half second for what other processes did. Jobs and presence have no place in
the log: the same goroutine reads them from the database every half second, and
tells what is not as it was (watch.go), so that they are heard on every process.
A job is followed from the event of the log that added it to its end, however
short it is. [Server.Publish] is for what else goes without an id.

A stream ends with what let its caller in: at once when a session, a token or a
role ends in this process; when another did it, before the first change that comes
more than a second later, or with the next sign of life.

# The library as a team keeps it

What changes an entry or a control goes through [changing], which marks the
answers that rest on what they said before, in the same transaction. Files are
read and written by [LibraryFiles], which cmd fills in: this package knows no
formats. A file of the register is read before the transaction and laid over what
is there inside of it, so that what others change meanwhile stays. The lists of
duplicates and conflicts compare everything with everything; they are kept until
something changes (tidy.go). The owner of an entry decides on its proposals
without the right to decide: the route asks for less, and the engine for the rest;
a token has no more than its scopes.
*/
package api
