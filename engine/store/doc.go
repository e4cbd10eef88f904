// Package store keeps everything a workspace owns in an SQL database. It owns
// the schema and its migrations, and is the only place that speaks SQL for the
// domain; [Store] is the engine's Store over one SQLite file, or over a database
// on a PostgreSQL server. Both have one query layer, and nothing that uses a
// store can tell which it is.
//
// # Tables
//
//	workspaces        the ids that everything else hangs on
//	entry_versions    every version of every entry, in full
//	entries           the newest version of each entry, found by question
//	control_versions  every version of every control, in full
//	controls          the newest version of each control, found by ref
//	layouts           how files of a shape are read, as JSON
//	tunings           each workspace's own lexicon and calibration
//	register_versions every version of the register, without its controls
//	commitments       what customers were told
//	askings           what customers asked and got no answer to
//	settings_versions every version of each workspace's settings
//	files, file_chunks  customers' files by the SHA-256 of their bytes, in pieces of 1 MB
//	questionnaires    what is known of each file, beside its questions
//	questions         what is asked, by place from 1
//	answers           state, current revision and assignment of the answer at each place
//	answer_revisions  every revision of every answer
//	answer_citations  what each revision cites, found by what is cited
//	answer_counts     how many answers of a questionnaire are in each state
//	decisions         what people decided on revisions
//	comments, comment_removals  what people said, and what was taken back
//	exports           what went out
//	entry_proposals   what approved answers would change in the library, decided or not
//	jobs              what is done in the background, and how far it is
//	audit_events      who changed what, in a chain of hashes
//	users             who can sign in, of all workspaces
//	members           which user is what in a workspace
//	sessions          where users have signed in, by the hash of a secret
//	tokens            keys to the API, by the hash of a secret
//	invitations       links by which people become members, likewise
//	setups            links by which the first admin is made, likewise
//	throttles         how many sign-ins failed for an account or from an address
//	kept_replies      what was answered to requests with a key of their own, for a day
//	outbox            what changed, in order, for whoever follows
//	term_sets …       on PostgreSQL, what questions find passages by; a cache
//	goose_db_version  the migrations that were run
//	vouch_database    on PostgreSQL, marks the database as ours
//
// Ids are UUIDv7, made here, so that the order of ids is the order in which
// things were added. Times are milliseconds UTC; those of jobs are by the clock
// of the database, so that workers on several machines agree. Lists are JSON as
// text.
//
// # Invariants
//
//   - A version is written once and never changed nor deleted; triggers see to
//     it. Versions of one id run 1, 2, 3 … without holes.
//   - entries and controls always point to a version that is there.
//   - Revisions of an answer run 1, 2, 3 … without holes, and each holds the hash
//     of the one before; answers holds number and hash of the last. So the audit
//     event of an answer covers every revision it ever had.
//   - Revisions, decisions, comments, exports, files and settings are written
//     once; triggers see to it. Questions are replaced as a whole while none has
//     a revision or a decision; foreign keys see to that.
//   - answer_counts is what counting answers would give. One statement keeps it
//     with each change of a state, so that a list of questionnaires reads one row
//     for each.
//   - Columns that come with later migrations are empty in the versions there
//     were before, and stay so.
//   - A change of an entry, a control or a tuning and its outbox row are one
//     transaction. A new lexicon adds a row for every entry and control as
//     well, after its own. The outbox is never pruned.
//   - A proposal is decided once; what was proposed is never changed nor
//     deleted, and the same is not proposed twice. Triggers and a key see to it.
//   - A change and its audit event are one transaction. Events are never
//     changed nor deleted; triggers see to it, and [engine.VerifyAudit] finds out
//     who went around them.
//   - Whoever has read outbox row n never sees a smaller seq appear later:
//     there is one writer at a time, and seq is given under its lock. Seqs run
//     1, 2, 3 …: a change that is undone takes none.
//   - A job has one claim at a time, by its token, and nothing that is said of
//     it with another token changes it. What becomes of a job is decided here,
//     not by what delivers it. A job and the message that it is there
//     ([JobDelivery]) are one transaction.
//   - A snapshot reads one state on a connection of the readers, and nothing is
//     written in it.
//   - Who looks at what is by the clock of the database, in no audit log, and
//     dropped after an hour.
//   - What is stored as JSON, lists of texts above all, is returned and hashed
//     as it will be read: JSON has no bytes that are no text.
//   - A text is any bytes, and comes back as it was stored. Texts are compared
//     and ordered by their bytes.
//   - Every statement but those on the outbox as a whole, and those by which
//     workers find a job, is bound to one workspace, by its first
//     parameter: the workspace, or the id of its terms.
//     People are the exception: a user, with sessions and throttles, belongs to
//     the database, since who signs in has no workspace yet; a secret finds its
//     own token or invitation. What a workspace can list of people is members,
//     its tokens and its invitations.
//   - Of a secret there is only its SHA-256, of a password only what the hasher
//     makes of it, and of an address that failed to sign in only a hash.
//   - What a token or invitation says is never changed and none is deleted;
//     triggers see to it. Sessions and throttles come and go, and are in no
//     audit log.
//   - A user is in the audit log of a workspace from the event "user:ID" added,
//     when they become a member, to removed, when they stop being one; each
//     change of the user between the two is there, and none outside.
//
// # How transactions share a commit
//
// A flush to the disk takes milliseconds, a change microseconds. Callers that
// want to write take turns; while one is done, those who wait join its
// transaction, each behind a savepoint of its own, and one commit stores them
// all (group.go). Nobody hears that something is stored before that commit,
// nor of a conflict with what is in the same group. Whoever fails is undone
// alone. A cancelled context is heeded between statements, since an interrupted
// one would undo the others too. Fifty writers at once make 8,000 acknowledged
// changes a second on one SQLite file, one alone 2,000
// (go test ./engine/store -run '^$' -bench Writers).
//
// On a server each statement is a round trip, and those who wait are waiting for
// all of them. So a statement by which nothing is decided is kept back
// (deferred.go) and sent in the round trip of the next query, often the first one
// of the next member, or before the commit. A statement that fails so late undoes
// the member it is of and no other: the savepoints are where they would have been,
// and nobody writes, or builds on the head of an audit log, before what the member
// before kept back is there. What can be read or refused without the turn is, by
// the use cases of package engine, before they ask for it.
//
// # How the file is used
//
// Write-ahead log, synchronous=FULL: what was committed survives a crash of
// the machine. One connection writes, in transactions that take the write
// lock when they begin; others only read, and neither waits for the other.
// Several processes may use one file; who cannot write for thirty seconds gets
// engine.ErrBusy. The file must be on a local disk.
//
// # How the server is used
//
// PostgreSQL 15 or newer, a database with ENCODING 'UTF8', and the first schema
// of the search_path, in which there are no tables but ours. What the URL does
// not say is taken from PGUSER, PGPASSWORD and so on, as libpq does. The
// connection uses TLS if the server has it; sslmode=verify-full in the URL
// insists on it and on who the server is.
//
// Any number of processes may use one database. Each has one connection that
// writes, in transactions that take one advisory lock when they begin, so that
// of all of them one writes at a time; others only read, and neither waits for
// the other. Who cannot write for thirty seconds gets engine.ErrBusy. The lock is
// one for all workspaces because the outbox is one list, whose order must be
// the order of the commits; a sequence would be given in another. A connection
// through a pooler must keep a session (not transaction pooling). Tables
// that have changed much are counted from here (statistics.go), a second after the
// first change and then up to a minute apart, since autovacuum comes later than the
// plans that are made of what it knows; leave it on, for what was deleted.
//
// PostgreSQL keeps no byte 0 in a text and no bytes that are not UTF-8; they
// are escaped where texts pass to the driver (pgtext.go). Whoever reads the
// tables with another program sees them escaped. Workspace ids and the shapes
// of layouts are keys, of at most some 2,000 bytes.
//
// # Terms
//
// On PostgreSQL the terms of passages are tables ([Terms], for package index): for
// each term the passages that have it, in blocks of 4,096 numbers that take 512
// bytes at most, and how many they are; written in one transaction. They are no
// part of the library: no event of the audit log, no row of the outbox, and who
// writes them holds the row of their set, not the lock of those who write the
// library. They may be deleted at any time, and are made again. On SQLite there
// are none, since one process has the file and keeps a search index beside it;
// migration 10 does nothing there, so that both databases have the same numbers.
//
// Each version of vouch that makes other terms has a set of its own, so several
// can run on one database while a new one is rolled out; a set that nobody used
// for a day goes.
//
// # Migrations
//
// Migrations run in [Open], under a lock file beside the database, or another
// advisory lock; [Check] says what it would do, [Store.Migrated] what it did.
// Nothing migrates down, going back is restoring a backup. Each dialect has its own folder with the same numbers. A database newer than the
// program is refused, and so is one that holds something else.
//
// [Store.Backup] copies the file while it is used, [Restore] replaces it, and
// [Inspect] reads it without changing anything; [InspectServer] does that for a
// database on a server. A plain copy of the file is
// no backup: what was committed last is in the log beside it. A database on a
// server is backed up by the means of the server: pg_dump.
//
// # Tests
//
// What a store does is in storetest, over both databases. What people can do to
// each other is in account_test.go and threat_test.go, with the use cases of the
// engine: most of it is about two things at once. VOUCH_TEST_POSTGRES is the URL
// of a server on which databases can be made; without it the tests of PostgreSQL
// are skipped.
package store
