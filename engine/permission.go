package engine

// Role is what a member is in a workspace. [May] says what it allows.
type Role string

// The roles. Each may all that the one before may, and more.
const (
	RoleViewer      Role = "viewer"
	RoleContributor Role = "contributor"
	RoleReviewer    Role = "reviewer"
	RoleAdmin       Role = "admin"
)

// Action is something that a role may or may not do in a workspace.
type Action string

// The actions of the review workflow.
const (
	ActionQuestionnaireCreate   Action = "questionnaire.create"
	ActionQuestionnaireEdit     Action = "questionnaire.edit"
	ActionQuestionnaireWithdraw Action = "questionnaire.withdraw"
	ActionQuestionnaireExport   Action = "questionnaire.export"
	ActionAnswerEdit            Action = "answer.edit"
	ActionAnswerDecide          Action = "answer.decide"
	ActionAnswerAssign          Action = "answer.assign"
	ActionCommentAdd            Action = "comment.add"
	ActionSettingsEdit          Action = "settings.edit"
)

// May says whether a role may do an action. Nobody may what is no action, and
// who has no role may nothing.
func May(r Role, a Action) bool {
	switch a {
	case ActionQuestionnaireCreate, ActionQuestionnaireEdit, ActionAnswerEdit, ActionAnswerAssign, ActionCommentAdd:
		return r == RoleContributor || r == RoleReviewer || r == RoleAdmin
	case ActionAnswerDecide, ActionQuestionnaireExport, ActionQuestionnaireWithdraw:
		return r == RoleReviewer || r == RoleAdmin
	case ActionSettingsEdit:
		return r == RoleAdmin
	}
	return false
}
