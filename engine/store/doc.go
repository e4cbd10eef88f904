// Package store keeps everything a workspace owns in an SQL database. It owns
// the schema and its migrations, and is the only place that speaks SQL for the
// domain; [Store] is the engine's Store over one SQLite file.
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
//	audit_events      who changed what, in a chain of hashes
//	outbox            what changed, in order, for whoever follows
//	goose_db_version  the migrations that were run
//
// Ids are UUIDv7, made here, so that the order of ids is the order in which
// things were added. Times are milliseconds UTC. Lists are JSON as text.
//
// # Invariants
//
//   - A version is written once and never changed nor deleted; triggers see to
//     it. Versions of one id run 1, 2, 3 … without holes.
//   - entries and controls always point to a version that is there.
//   - Columns that come with later migrations are empty in the versions there
//     were before, and stay so.
//   - A change of an entry, a control or a tuning and its outbox row are one
//     transaction. A new lexicon adds a row for every entry and control as
//     well, after its own. The outbox is never pruned.
//   - A change and its audit event are one transaction. Events are never
//     changed nor deleted; triggers see to it, and [engine.VerifyAudit] finds out
//     who went around them.
//   - Whoever has read outbox row n never sees a smaller seq appear later:
//     there is one writer at a time, and seq is given under its lock. A store
//     with concurrent writers has to take a lock before it writes there.
//   - Every statement but those on the outbox as a whole is bound to one
//     workspace, by its first parameter.
//
// # How the file is used
//
// Write-ahead log, synchronous=FULL: what was committed survives a crash of
// the machine. One connection writes, in transactions that take the write
// lock when they begin; others only read, and neither waits for the other.
// Several processes may use one file; who cannot write for thirty seconds gets
// engine.ErrBusy. The file must be on a local disk.
//
// Migrations run in [Open], under a lock file beside the database; nothing
// migrates down, going back is restoring a backup. Each dialect has its own
// folder with the same numbers. A database newer than the program is refused.
//
// [Store.Backup] copies the file while it is used, [Restore] replaces it, and
// [Inspect] reads it without changing anything. A plain copy of the file is
// no backup: what was committed last is in the log beside it.
package store
