package index

import "vouch/engine"

// ShippedCurveQuestions is how many questions the shipped curve was measured
// on.
const ShippedCurveQuestions = 398

var shippedCurve = [][3]float64{
	{0.00, 1.0000, 0.5151},
	{0.02, 1.0000, 0.5151},
	{0.04, 0.9648, 0.5312},
	{0.06, 0.9271, 0.5474},
	{0.08, 0.8744, 0.5661},
	{0.10, 0.8367, 0.5796},
	{0.12, 0.8166, 0.5908},
	{0.14, 0.7965, 0.6025},
	{0.16, 0.7789, 0.6097},
	{0.18, 0.7663, 0.6098},
	{0.20, 0.7513, 0.6154},
	{0.22, 0.7337, 0.6199},
	{0.24, 0.7161, 0.6246},
	{0.26, 0.6859, 0.6410},
	{0.28, 0.6583, 0.6527},
	{0.30, 0.6231, 0.6532},
	{0.32, 0.5804, 0.6667},
	{0.34, 0.5603, 0.6816},
	{0.36, 0.5352, 0.6808},
	{0.38, 0.5075, 0.6782},
	{0.40, 0.4774, 0.6895},
	{0.42, 0.4322, 0.7035},
	{0.44, 0.4070, 0.7037},
	{0.46, 0.3693, 0.7347},
	{0.48, 0.3442, 0.7372},
	{0.50, 0.3065, 0.7459},
	{0.52, 0.2889, 0.7652},
	{0.54, 0.2588, 0.7767},
	{0.56, 0.2462, 0.7857},
	{0.58, 0.2085, 0.8072},
	{0.60, 0.1935, 0.8182},
	{0.62, 0.1709, 0.8676},
	{0.64, 0.1633, 0.8769},
	{0.66, 0.0477, 0.8947},
	{0.68, 0.0477, 0.8947},
	{0.70, 0.0452, 0.8889},
	{0.72, 0.0377, 0.9333},
	{0.74, 0.0377, 0.9333},
	{0.76, 0.0327, 0.9231},
	{0.78, 0.0276, 1.0000},
	{0.80, 0.0226, 1.0000},
	{0.82, 0.0176, 1.0000},
	{0.84, 0.0126, 1.0000},
	{0.86, 0.0075, 1.0000},
	{0.88, 0.0050, 1.0000},
	{0.90, 0.0050, 1.0000},
}

// ShippedCurve returns what each threshold gave on the questionnaires vouch was
// made with, lowest threshold first: each of CAIQ v4, VSA Full and MVSP as one
// vendor answered them, answered from the other two (go test ./index -run
// TestShippedCurve -curve -v prints the table). It is one vendor's, and shared by
// what the model was fitted on: a workspace's own curve is better.
func ShippedCurve() []engine.CalibrationStep {
	var out []engine.CalibrationStep
	for _, s := range shippedCurve {
		out = append(out, engine.CalibrationStep{Threshold: s[0], Coverage: s[1], Precision: s[2]})
	}
	return out
}
