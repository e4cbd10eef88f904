package index

import "vouch/engine"

// ShippedCurveQuestions is how many questions the shipped curve was measured
// on.
const ShippedCurveQuestions = 0

var shippedCurve = [][3]float64{
}

// ShippedCurve returns what each threshold gave on the questionnaires vouch was
// made with, lowest threshold first: each of CAIQ v4, VSA Full and MVSP as one
// vendor answered them, answered from the other two (go test ./index -run
// TestShippedCurve -curve prints the table). It is one vendor's, and shared by
// what the model was fitted on: a workspace's own curve is better.
func ShippedCurve() []engine.CalibrationStep {
	var out []engine.CalibrationStep
	for _, s := range shippedCurve {
		out = append(out, engine.CalibrationStep{Threshold: s[0], Coverage: s[1], Precision: s[2]})
	}
	return out
}
