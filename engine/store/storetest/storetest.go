// Package storetest holds what every engine.Store has to do, whatever
// database is behind it. It is a package of its own so that testing never
// links into the product. A behaviour is changed here first.
package storetest

import (
	"fmt"
	"iter"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/engine"
)

// The two workspaces of every test. What happens in here must not be seen in
// there.
const (
	here  = "here"
	there = "there"
)

// Exercise runs the rules over stores from open, which returns an empty one
// each time and closes it when its test ends.
func Exercise(t *testing.T, open func(*testing.T) engine.Store) {
	for _, rule := range []struct {
		name string
		test func(*testing.T, engine.Store)
	}{
		{"EveryFieldOfAnEntryIsKept", entryFields},
		{"EveryFieldOfAControlIsKept", controlFields},
		{"EveryFieldOfALayoutIsKept", layoutFields},
		{"EveryFieldOfATuningIsKept", tuningFields},
		{"EveryFieldOfARegisterVersionIsKept", registerFields},
		{"EveryFieldOfACommitmentIsKept", commitmentFields},
		{"EveryFieldOfAnAskingIsKept", askingFields},
		{"EveryFieldOfSettingsIsKept", settingsFields},
		{"EveryFieldOfAQuestionnaireIsKept", questionnaireFields},
		{"EveryFieldOfARevisionIsKept", revisionFields},
		{"EveryFieldOfADecisionIsKept", decisionFields},
		{"EveryFieldOfACommentIsKept", commentFields},
		{"EveryFieldOfAnExportIsKept", exportFields},
		{"ReviewsOfAnyTextVerify", oddReviews},
		{"SettingsHaveVersions", settingsVersions},
		{"FilesAreKeptWhole", wholeFiles},
		{"FilesHaveLimits", fileLimits},
		{"QuestionnairesHaveVersions", questionnaireVersions},
		{"QuestionsAreReplacedWhileNothingIsAnswered", questionsReplaced},
		{"EveryFieldOfAQuestionnaireFilterFilters", questionnaireFilters},
		{"EveryFieldOfAnAnswerFilterFilters", answerFilters},
		{"AnswersAreCountedByState", answerCounts},
		{"RevisionsAreNumberedWithoutHoles", revisionNumbers},
		{"WhatRevisionsCiteIsFound", citing},
		{"EveryReviewIsInTheAuditLog", reviewAudit},
		{"InvalidReviewsAreRefused", invalidReviews},
		{"IntakeStoresAllOrNothing", intake},
		{"RolesDecideWhatPeopleMayDo", roles},
		{"DecisionsFollowTheStates", decisionStates},
		{"DecisionsNeedNotes", decisionNotes},
		{"ConflictsHoldBothRevisions", conflicts},
		{"ApprovingTwiceIsOnce", approvedTwice},
		{"FourEyesSeeEveryRevision", fourEyes},
		{"EditsAreCheckedAndKept", edits},
		{"ManyAreApprovedOrRefusedByName", decideMany},
		{"AssignmentsNameAnswersOrSections", assignments},
		{"CommentsAreRemovedByTheirAuthor", comments},
		{"ReadersAreNotWidened", readers},
		{"WithdrawnQuestionnairesStayAsTheyAre", withdrawn},
		{"ExportsHoldWhatIsApproved", exports},
		{"ExportsNeedTheRevisionsTheyWereMadeOf", exportConflicts},
		{"DraftingGoesOnWhereItStopped", drafting},
		{"DraftsThatContradictBecomeGaps", draftContradictions},
		{"DraftingLeavesWhatPeopleDid", draftingBesidePeople},
		{"AnswersGoStale", stale},
		{"ReviewsNeverLoseARevision", reviewProperty},
		{"ApprovedAnswersAreProposed", approvedAreProposed},
		{"ReviewersDoNotLoseUpdates", func(t *testing.T, s engine.Store) { ConcurrentReviewers(t, s, s) }},
		{"EveryFieldOfAUserIsKept", userFields},
		{"EveryFieldOfASessionIsKept", sessionFields},
		{"EveryFieldOfATokenIsKept", tokenFields},
		{"EveryFieldOfAnInvitationIsKept", invitationFields},
		{"SetUpsAndThrottlesAreKept", setUpsAndThrottles},
		{"OneUserPerAddress", oneUserPerAddress},
		{"MembersComeAndGo", membersComeAndGo},
		{"SessionsEnd", sessionsEnd},
		{"UsersEnterAndLeaveLogs", usersEnterAndLeaveLogs},
		{"EveryFieldOfAProposalIsKept", proposalFields},
		{"TheSameIsProposedOnce", proposedOnce},
		{"AProposalIsDecidedOnce", decidedOnce},
		{"ProposalsAreFilteredAndComeInPages", proposalFilters},
		{"InvalidProposalsAreRefused", invalidProposals},
		{"OneOfManyWhoAcceptWins", oneAccepts},
		{"RegistersHaveVersions", registerVersions},
		{"OneOfManyRegistersWins", oneRegisterWins},
		{"CommitmentsAreAddedOnceAndNeverChanged", commitmentsOnce},
		{"CommitmentsComeNewestFirst", commitmentOrder},
		{"AskingsAreReplacedByTheQuestionnaire", askingsReplaced},
		{"InvalidLedgersAreRefused", invalidLedgers},
		{"TuningsAreKeptApart", tuningsApart},
		{"ANewLexiconChangesEverything", tuningOutbox},
		{"InvalidTuningsAreRefused", invalidTunings},
		{"TextsAreKeptToTheByte", oddTexts},
		{"TextsThatAreNoTextAreKeptToo", oddBytes},
		{"TagsOfAnyTextAreFound", oddTags},
		{"TextsAreOrderedByTheirBytes", byteOrder},
		{"VersionsAreKept", versions},
		{"StaleVersionsAreRefused", staleVersions},
		{"InvalidIsRefused", invalid},
		{"OneControlPerRef", oneControlPerRef},
		{"PutNeedsTheWorkspace", unknownWorkspace},
		{"ManyIdsComeInTheirOrder", manyIDs},
		{"EveryFilterFieldFilters", filters},
		{"PagesHoldEverythingOnce", pages},
		{"LoopsSeeOneState", loops},
		{"WorkspacesAreIsolatedInEveryMethod", isolation},
		{"EveryChangeIsInTheOutbox", outbox},
		{"EveryFieldOfAJobIsKept", jobFields},
		{"InvalidJobsAreRefused", invalidJobs},
		{"OneJobPerObject", oneJobPerObject},
		{"ClaimsEnd", claimsEnd},
		{"AttemptsAreCounted", attempts},
		{"WorkspacesTakeTurns", jobTurns},
		{"EachJobHasOneWorker", oneWorker},
		{"EveryFieldOfAJobFilterFilters", jobPages},
		{"OldJobsArePruned", oldJobs},
		{"JobsArePartOfTheirTransaction", undoneJobs},
		{"UnchangedImportsLeaveNoTrace", unchangedImports},
		{"EveryChangeIsInTheAuditLog", auditLog},
		{"AuditEventsNameWhoActs", auditActors},
		{"UndoneChangesAreInNoAuditLog", auditUndone},
		{"AuditLogsAreChains", auditChains},
		{"AuditPagesHoldEveryEventOnce", auditPages},
		{"ObjectsOfAnyTextVerify", oddObjects},
		{"SnapshotsSeeOneStateAndStopNobody", snapshots},
		{"NothingIsWrittenInASnapshot", snapshotsRead},
		{"EveryFieldOfAPresenceIsKept", presenceFields},
		{"PresencesEnd", presencesEnd},
		{"PeopleLookAtWhatThereIs", lookAt},
		{"EveryFieldOfAReplyIsKept", repliesKept},
		{"OldRepliesAreDropped", repliesDropped},
		{"RepliesArePartOfTheirChange", repliesUndone},
		{"OneKeyChangesThingsOnce", oneReplyPerKey},
		{"WhatIsUndoneLeavesNoHoleInTheOutbox", noHoles},
		{"TransactionsSeeTheirOwnWrites", ownWrites},
		{"ErrorsUndoTheTransaction", undoneByError},
		{"PanicsUndoTheTransaction", undoneByPanic},
		{"FailedStatementsUndoTheTransaction", undoneByStatement},
		{"CancelledContextsStopEveryMethod", cancelled},
		{"CancelledTransactionsAreUndone", undoneByCancel},
		{"WritersDoNotLoseUpdates", func(t *testing.T, s engine.Store) { ConcurrentWriters(t, s, s) }},
	} {
		t.Run(rule.name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			for _, w := range []string{here, there} {
				if err := s.EnsureWorkspace(t.Context(), w); err != nil {
					t.Fatal(err)
				}
			}
			rule.test(t, s)
		})
	}
}

// must returns a function that returns v, or fails the test.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func all[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var list []T
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func streamError[T any](seq iter.Seq2[T, error]) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

func count[T any](list []T, err error) (int, error) { return len(list), err }

// same fails if got is not want; nil and empty lists are the same. What a
// register holds is compared to its unexported fields.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	inside := cmp.Exporter(func(t reflect.Type) bool { return t.PkgPath() == "vouch/engine/assurance" })
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), inside); diff != "" {
		t.Errorf("%s: -want +got\n%s", what, diff)
	}
}

func entry(question string) engine.Entry {
	return engine.Entry{Question: question, Verdict: engine.VerdictYes, Text: "Because.", Source: engine.Source{File: "a.csv", Place: "line 2"}}
}

func control(ref string) engine.Control {
	return engine.Control{Ref: ref, Title: "Title of " + ref, Source: engine.Source{File: "c.csv"}}
}

func fillLibrary(t *testing.T, s engine.Store, n int) {
	t.Helper()
	var entries []engine.Entry
	var controls []engine.Control
	for i := range n {
		entries, controls = append(entries, entry(fmt.Sprintf("Question %d?", i))), append(controls, control(fmt.Sprintf("C-%d", i)))
	}
	must(engine.ImportEntries(t.Context(), s, here, entries))(t)
	must(engine.ImportControls(t.Context(), s, here, controls))(t)
}
