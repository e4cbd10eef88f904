package index

// The numbers of the re-ranker and of the confidence. Those of the features
// from featBM25F to featOpposite, and slope and bias, were made by
//
//	go test ./index -run TestFit -fit -v
//
// from ../shared/eval: the rank weights by LambdaRank over the judgments
// vsa-full__caiq-v4 and vsa-full__adobe-ccf-v5, slope and bias by Platt's
// scaling over the first passage of each VSA Full question in CAIQ v4, where
// an answer fits that directly answers (grade 2) with the same verdict, and
// fits half that partly answers (grade 1) with the same verdict. The others
// are set by hand: the judgments have next to no case of them.
//
// They were fitted with a lexicon of 145 concepts. With the present one the
// same command prints others, which do no better held out (doc.go), and a
// confidence that is higher for wrong answers; so these are kept.

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
// confidence.go.
var (
	answerWeights = traits{
		traitOne:   -1.07,
		traitLogit: 0.68,
	}
	verdictWeights = traits{
		traitOne:          -1.25,
		traitLogit:        0.30,
		traitVote:         1.57,
		traitYes:          1.16,
		traitContradicted: -0.82,
	}
)
