package api

import (
	"context"

	"vouch/engine"
)

// SearchEvidence finds evidence for a question.
func (s *Server) SearchEvidence(ctx context.Context, r SearchEvidenceRequestObject) (SearchEvidenceResponseObject, error) {
	b := r.Body
	found, err := s.Retriever.Retrieve(requestContext(ctx), r.Workspace, engine.Query{Text: b.Question, Section: b.Section, Guidance: b.Guidance, Language: b.Language, Limit: b.Limit})
	if err != nil {
		return nil, err
	}
	return SearchEvidence200JSONResponse{Passages: passagesShown(found)}, nil
}

func passagesShown(found []engine.Passage) []Passage {
	out := make([]Passage, len(found))
	for i := range found {
		f := &found[i]
		p := Passage{Kind: PassageKind(f.Kind), Score: f.Score, Confidence: f.Confidence, VerdictConfidence: f.VerdictConfidence, Notes: f.Notes}
		if f.Entry != nil {
			p.Entry = entryShown(f.Entry)
		}
		if f.Control != nil {
			p.Control = controlShown(f.Control)
		}
		out[i] = p
	}
	return out
}
