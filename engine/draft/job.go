package draft

import (
	"context"
	"fmt"
	"strings"

	"vouch/engine"
)

// Job returns what does the jobs of the kind [engine.JobDraft]: it drafts the
// questions of the questionnaire that the job is about from past answers, and
// skips those that have an answer. A questionnaire that was withdrawn
// meanwhile is not drafted, and that is no failure.
func Job(store engine.Store, retriever engine.Retriever) func(ctx context.Context, workspace string, j engine.Job, progress func(done, total int)) error {
	return func(ctx context.Context, workspace string, j engine.Job, progress func(done, total int)) error {
		id, ok := strings.CutPrefix(j.Object, "questionnaire:")
		if !ok {
			return fmt.Errorf("draft: the job is about %q; want a questionnaire", j.Object)
		}
		q, err := store.Questionnaire(ctx, workspace, id)
		if err != nil {
			return fmt.Errorf("draft: %w", err)
		}
		if q.State != engine.QuestionnaireOpen {
			return nil
		}
		return engine.DraftQuestionnaire(ctx, store, workspace, id, engine.Answering{Retriever: retriever, Drafter: Reuse{}}, progress)
	}
}
