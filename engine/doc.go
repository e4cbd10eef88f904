/*
Package engine is the domain of vouch: what a questionnaire, a question, a past
answer, a control, an answer and a gap are, the rules about them, and the use
cases that move them. It imports the standard library only, and every other
package imports it. The interfaces it needs stand here, beside what uses them.

# What vouch promises

In this order, and every trade-off is decided by it:

 1. Nothing false goes out. No claim without evidence that supports it; where
    there is none, an explicit gap, never a guess.
 2. Nothing of the customer's or the reviewer's is lost. Their file, their edits
    and their approvals survive crashes, faults and us.
 3. It takes minutes, offline, for nothing per question.

# A tour

	cmd/vouch            the one binary: flags, wiring, output, exit codes
	engine               this package
	  engine/assurance   what reports and controls allow us to claim, the criteria, what a sound register is
	  engine/draft       proposals from evidence: Reuse takes past answers as they were approved
	  engine/store       SQL: entries, controls, the register, what customers were told, layouts, jobs, people, and the outbox of changes
	  engine/jobs        background work: runners for SQLite and, by River, for PostgreSQL
	index                analyzer, lexicon, candidates by bleve, our own ranking, confidence
	importers            picks the format of a file and hands over
	  importers/detect   finds the questions in a grid of cells, whatever the format
	  importers/xlsx     reads workbooks behind a pre-scan, in a child process; patches them in place
	  importers/csv      reads and writes CSV in the file's own dialect
	  importers/list     lists of past answers and of controls
	  importers/register files of the register: reports, controls, evidence; OSCAL
	  importers/tree     JSON and YAML as nodes that know their line and column
	  importers/isolate  runs a function of this binary in a child process with limits
	  importers/atomicfile  puts files in place whole or not at all
	api                  the REST API, its contract and its reference page
	api/review           the review page: HTML and CSV
	api/quality          how well drafts agree with what was approved, as a page
	api/readiness        how ready the company is for an audit: a page, and text for terminals
	api/password         passwords by argon2id, a few at a time
	api/oidc             signing in with an identity provider
	fixtures             our own sample company, and the program that makes its files

Imports go one way: cmd to everything; api, index, importers, engine/store,
engine/jobs and engine/draft to engine; nothing else. The test beside this file checks it with
go list, and that bleve is used in index only, excelize in importers/xlsx (and
by the program that makes the fixtures), SQL drivers in engine/store, and in
engine/jobs with River, gin in api.

# The way of one question

	file ─ importers.Read ─▶ Questionnaire with its Layout
	Question ─ Retriever ─▶ Passages ─ Drafter ─▶ Revision or Gap
	Revisions ─ importers.Write(original bytes, values) ─▶ the customer's file

[Answering] drives it. A question that asks several things ([Halves]) is
answered from evidence for each, and a follow-up ([FollowUps]) after what it
depends on. A draft below the threshold becomes a [Gap] with the
draft as its proposal; the cells of a gap stay empty. A question the file
already answers is kept. [Fill] says what is written, and nothing else is.

What a retriever finds is sorted before a drafter sees it (disclosure.go): what
the reader may not have, and what holds for other products, is no evidence. The
reviewer sees what was withheld in [Answer] and its [Gap].

Entries and controls come in through [ImportEntries] and [ImportControls], one
transaction for a file: what has been reported as stored survives kill -9, and
importing a file again changes nothing. Files of the register are laid over
what is stored, and [PutRegister] takes the whole that comes of it or, with any
problem, nothing. The store writes an outbox row with each change of an entry or
a control, and the index follows the outbox; it can be deleted at any time. It
also writes an [AuditEvent] with each change, by the [Actor] of the context, and
[VerifyAudit] holds the log against itself, a checkpoint and what is stored, over
a snapshot ([Store.InSnapshot]) that nobody who writes waits for.

Approved answers flow back: in the transaction of an approval, unless the
workspace's [Settings] say otherwise, what a person or a language model wrote is
proposed to the library. [ProposeEntry] makes an [EntryProposal] against the
version of the entry there is, [AcceptProposal] makes the next version of it, or
finds that somebody else did. [Stale], [Duplicates] and [Conflicts] say what in a
library is to be tidied up.

What takes long is a [Job]: asked for in the transaction of a change, done by
any process of package jobs, and begun anew after a crash. Its state and its
progress are in the store, for everybody to see. So is who looks at which question
([LookAt]), for half a minute.

# The review of one questionnaire

	file ─ [Intake] ─▶ StoredQuestionnaire, a Question for each place from 1
	[DraftQuestionnaire] ─▶ AnswerRevision 1: a Revision or a Gap
	Person ─ [EditAnswer] ─▶ the next AnswerRevision, with no decisions
	Person ─ [Decide], [DecideMany] ─▶ Decision on one revision
	[PrepareExport] ─▶ values ─ importers.Write ─▶ file ─ [RecordExport] ─▶ Export, Commitments

An answer has a state, and beside it nothing about it ever changes: revisions
are numbered 1, 2, 3 …, decisions and comments are only added. Who decides on a
revision, or writes after it, says which one they saw; where another is current
they get a [ConflictError] with both and nothing is done. States go like this:

	unanswered ─ draft ─▶ drafted or gap        drafted ─ assign ─▶ in_review
	drafted, in_review ─ approve ─▶ approved    any but gap ─ reject, request changes ─▶ rejected
	any not approved ─ leave ─▶ left            approved, rejected, stale, left ─ reopen ─▶ in_review
	gap, rejected, stale, drafted ─ edit ─▶ drafted
	drafted, in_review, approved ─ [MarkStale] ─▶ stale

What is approved or left empty is reopened before it is edited, with a note, so
that nobody takes back an approval by the way. [Answering.Continue] goes on from
the answers that are there, which is how drafting resumes; drafts that
contradict each other are known only at the end, and then get a second revision
that is a gap. Each use case asks [May] what the role of the [Person] allows,
and is one transaction; what takes long, reading a register or a file, is done
before it.

# People

A [User] belongs to the whole database and is a [Member] of workspaces, each with
a [Role]. [May] is the whole table of what a role may do, and the [Scope] of a
[Token] is a set of the same actions. [Accounts] are the use cases: set-up by a
link that is printed once, invitations, signing in, sessions, tokens, roles.
[Accounts.Authenticate] turns the secret of a request into a [Principal], in one
read and with nothing remembered, so that whatever was taken away counts from
the next request on. A use case asks [Principal.Permit] first, which costs
nothing, and for the role again inside its transaction.

Secrets are 256 random bits of which only the hash is stored. Failed sign-ins
are counted in the database, before the password is looked at. Sign-ins are in
no audit log, and failed ones neither, because they change nothing in a
workspace and whoever is outside could fill the log with them; a lockout is, once
each time it begins. A change of a user is in the log of each workspace that they
are a member of: they enter it when they become one, and leave it after.

A user is disabled by who manages all the workspaces that they are in, and by
nobody else: otherwise one workspace could lock the people of another out.

# Where reality differed from the plan

Kept here so that nobody has to find out again.

  - The structure of a workbook (styles, locks, hidden rows, drop-downs, merges)
    is read with our own scanner, and excelize gives the values as a person
    sees them. Excelize takes a cell whose format names no lock for unlocked,
    which is the opposite of what the format means, and it reads only part of
    what the x14 extension holds.
  - Excelize takes a syntax error inside a sheet for the sheet's end and says
    nothing. Whatever it reads is first held to the syntax of encoding/xml.
  - The pre-scan runs in the child process too, before excelize: then nothing
    of a foreign file is looked at in the parent but its first bytes, until the
    answers are written.
  - The recalculation flag is set only in workbooks that have formulas. In
    others there is nothing to recalculate, and one part less changes.
  - A placeholder in an answer cell ("Please select") is replaced like an empty
    cell. It is the one content that is overwritten without being asked.
  - Where the output file exists and differs, it is kept under another name:
    a reviewer may have worked in it.
  - An answer that the customer's file came with is a revision of the origin
    file: somebody has to approve that it goes out, and nothing is written.
  - A newer version of an entry makes answers stale only if it answers something
    else. Else a yearly review of the library would take back every approval.
*/
package engine
