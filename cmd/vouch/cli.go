package main

import (
	"io"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

const description = `Answer security questionnaires from your past answers.

vouch reads the customer's workbook, finds the past answer to each question, and writes the answers into a copy of the customer's own file with nothing else changed. What it is not sure of stays empty and is listed with the reason.

Start with:
  vouch inspect questionnaire.xlsx
  vouch answer questionnaire.xlsx -o answered.xlsx --library past-answers.csv

Exit codes: 0 done · 1 something failed here · 2 the file or the call was refused · 3 a check found something that may not go out, or does not work · 130 interrupted.`

// cli is the command line.
type cli struct {
	global

	Answer      answerCmd      `cmd:"" help:"Answer a questionnaire: write the answers into a copy of the file, and a review page beside it."`
	Inspect     inspectCmd     `cmd:"" help:"Show what is understood of a questionnaire: its questions, cells and options, and every row that was not taken as a question."`
	Library     libraryCmd     `cmd:"" help:"Past answers: import, list, search, export, tidy up, decide what approved answers change in them."`
	Controls    controlsCmd    `cmd:"" help:"Control descriptions: import (also OSCAL), list, show, export."`
	Reports     reportsCmd     `cmd:"" help:"Audit reports, certificates and penetration tests: import, list, ask, check a claim against them."`
	Evidence    evidenceCmd    `cmd:"" help:"Evidence that controls run: import, list, add."`
	Readiness   readinessCmd   `cmd:"" help:"How ready you are for SOC 2, ISO 27001 or CCM: what is lacking for each criterion, and what to do first."`
	Commitments commitmentsCmd `cmd:"" help:"What customers were told, by control and by customer."`
	Audit       auditCmd       `cmd:"" help:"Who changed what: list, verify, export the audit log."`
	Serve       serveCmd       `cmd:"" help:"Serve the REST API, and work on jobs."`
	Work        workCmd        `cmd:"" help:"Work on jobs, beside servers on the same database."`
	Users       usersCmd       `cmd:"" help:"Who may sign in to the server, for whoever runs it: list, invite, role, disable, reset a password."`
	Lexicon     lexiconCmd     `cmd:"" help:"What things are called: list, add your company's words, see what is made of a text."`
	Calibrate   calibrateCmd   `cmd:"" help:"Learn from your approved questionnaires how sure vouch may be."`
	Eval        evalCmd        `cmd:"" help:"Measure vouch on your own files: how well evidence is found, how well answers transfer."`
	Backup      backupCmd      `cmd:"" help:"Write a copy of the database to one file, also while vouch is in use."`
	Restore     restoreCmd     `cmd:"" help:"Put a backup in place; what was there is kept aside."`
	Migrate     migrateCmd     `cmd:"" help:"Bring the tables of the database up to date; with --check, say what would be done."`
	Doctor      doctorCmd      `cmd:"" help:"Check the data directory, or the server, and say what to do. Changes nothing."`

	Version kong.VersionFlag `help:"Print the version and exit."`
}

// global are the flags every command has.
type global struct {
	Data      string `help:"Directory of the library and the search index." env:"VOUCH_DATA" default:"./vouch-data" type:"path" placeholder:"DIR"`
	Database  string `help:"The database: a file, or postgres://USER@HOST:PORT/DATABASE. Default: vouch.db in the data directory. A URL with a password is safer in a file that VOUCH_DATABASE_FILE names." env:"VOUCH_DATABASE" placeholder:"FILE|URL"`
	Workspace string `help:"The organisation whose library is used." env:"VOUCH_WORKSPACE" default:"default" placeholder:"NAME"`
	Quiet     bool   `short:"q" help:"No progress, no summary; errors only."`

	databaseFrom string // what in a file of settings named Database; "" if nothing did

	notices io.Writer // for what happens beside what was asked for
}

// version returns the module's version, as far as the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "vouch (development build)"
	}
	return "vouch " + info.Main.Version
}
