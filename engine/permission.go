package engine

import (
	"maps"
	"slices"
)

// Action is something that a role may or may not do in a workspace.
type Action string

// The actions, named as the API and the scopes of tokens name them.
const (
	ActionQuestionnaireRead     Action = "questionnaire.read" // with its answers, decisions, comments and jobs
	ActionQuestionnaireCreate   Action = "questionnaire.create"
	ActionQuestionnaireEdit     Action = "questionnaire.edit" // its layout, customer, due date; drafting it again
	ActionQuestionnaireWithdraw Action = "questionnaire.withdraw"
	ActionQuestionnaireExport   Action = "questionnaire.export"
	ActionAnswerEdit            Action = "answer.edit"
	ActionAnswerDecide          Action = "answer.decide" // and reopen what was approved
	ActionAnswerAssign          Action = "answer.assign"
	ActionCommentAdd            Action = "comment.add"
	ActionLibraryRead           Action = "library.read" // entries, controls, register, lexicon
	ActionLibraryEdit           Action = "library.edit"
	ActionLibraryImport         Action = "library.import"
	ActionProposalRead          Action = "proposal.read"
	ActionProposalDecide        Action = "proposal.decide"
	ActionControlEdit           Action = "control.edit"
	ActionRegisterEdit          Action = "register.edit"
	ActionMemberRead            Action = "member.read" // who is in the workspace, to assign and to mention
	ActionMemberManage          Action = "member.manage"
	ActionTokenMake             Action = "token.make"   // one's own tokens: make, list, revoke
	ActionTokenManage           Action = "token.manage" // everybody's: list, revoke
	ActionSettingsRead          Action = "settings.read"
	ActionSettingsEdit          Action = "settings.edit"
	ActionAuditRead             Action = "audit.read"
	ActionJobCancel             Action = "job.cancel"
	ActionWorkspaceBackup       Action = "workspace.backup"
)

// permission is a row of the table: which roles may do an action, and the
// group of scopes it belongs to.
type permission struct {
	viewer, contributor, reviewer, admin bool
	group                                Scope
}

const may, not = true, false // as wide as each other, so that the table has columns

// permissions is the whole of who may do what. What is not in it, nobody may.
var permissions = map[Action]permission{
	// viewer, contributor, reviewer, admin:
	ActionQuestionnaireRead:     {may, may, may, may, ScopeRead},
	ActionLibraryRead:           {may, may, may, may, ScopeRead},
	ActionProposalRead:          {may, may, may, may, ScopeRead},
	ActionMemberRead:            {may, may, may, may, ScopeRead},
	ActionSettingsRead:          {may, may, may, may, ScopeRead},
	ActionQuestionnaireCreate:   {not, may, may, may, ScopeWrite},
	ActionQuestionnaireEdit:     {not, may, may, may, ScopeWrite},
	ActionAnswerEdit:            {not, may, may, may, ScopeWrite},
	ActionAnswerAssign:          {not, may, may, may, ScopeWrite},
	ActionCommentAdd:            {not, may, may, may, ScopeWrite},
	ActionJobCancel:             {not, may, may, may, ScopeWrite},
	ActionAnswerDecide:          {not, not, may, may, ScopeDecide},
	ActionProposalDecide:        {not, not, may, may, ScopeDecide},
	ActionQuestionnaireExport:   {not, not, may, may, ScopeDecide},
	ActionQuestionnaireWithdraw: {not, not, may, may, ScopeDecide},
	ActionLibraryEdit:           {not, not, may, may, ScopeDecide},
	ActionLibraryImport:         {not, not, may, may, ScopeDecide},
	ActionControlEdit:           {not, not, may, may, ScopeDecide},
	ActionTokenMake:             {may, may, may, may, ScopeAdmin},
	ActionRegisterEdit:          {not, not, not, may, ScopeAdmin},
	ActionAuditRead:             {not, not, not, may, ScopeAdmin},
	ActionMemberManage:          {not, not, not, may, ScopeAdmin},
	ActionTokenManage:           {not, not, not, may, ScopeAdmin},
	ActionSettingsEdit:          {not, not, not, may, ScopeAdmin},
	ActionWorkspaceBackup:       {not, not, not, may, ScopeAdmin},
}

// May says whether a role may do an action. Nobody may what is no action, and
// who has no role may nothing.
func May(r Role, a Action) bool {
	p := permissions[a]
	switch r {
	case RoleViewer:
		return p.viewer
	case RoleContributor:
		return p.contributor
	case RoleReviewer:
		return p.reviewer
	case RoleAdmin:
		return p.admin
	}
	return false
}

// Actions lists all actions, ordered by name.
func Actions() []Action { return slices.Sorted(maps.Keys(permissions)) }
