package index

// The numbers of the re-ranker. Those of the features from featBM25F to
// featSection, but contrast and clash, were made by
//
//	go test ./index -run 'TestFit$' -fit -v
//
// from ../shared/eval, by LambdaRank over the judgments vsa-full__caiq-v4 and
// vsa-full__adobe-ccf-v5. The others are set by hand: the judgments have next
// to no case of them.

// rankWeights weigh the features, and rankBias puts a score of ½ where about
// every second first passage is relevant; it changes no order.
var rankWeights = features{
	featBM25F:    3.14,
	featCover:    1.77,
	featGrams:    1.36,
	featConcepts: 2.31,
	featConceptQ: 1.14,
	featOpposite: -0.88,
	featTopics:   2.78,
	featSection:  0.74,
	featContrast: -0.5, // by hand
	featClash:    -0.5, // by hand
	featNamed:    5,    // by hand: whoever names a control wants that control
}

const rankBias = -5.0

// The confidences are logistic(weights · traits), with the caps of
// confidence.go. They were made by
//
//	go test ./index -run 'TestFitAnswer|TestFitVerdict' -fit -v
//
// the answer's by logistic regression over the first passage of each question
// of VSA Full and VSA Core in CAIQ v4, where an answer fits that directly
// answers (grade 2) with the same verdict, and fits half that partly answers
// (grade 1) with the same verdict; the verdict's over the pairs of
// questionnaires of that vendor, where the verdict of the target is the truth.
var (
	answerWeights = traits{
		traitOne:          -0.49,
		traitLogit:        0.38,
		traitVote:         1.15,
		traitContradicted: -0.30,
		traitUnasked:      -1.02,
		traitUnmatched:    -1.20,
	}
	verdictWeights = traits{
		traitOne:          -1.13,
		traitLogit:        0.27,
		traitVote:         1.51,
		traitYes:          1.05,
		traitContradicted: -0.63,
	}
)
