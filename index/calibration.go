package index

import (
	"math"

	"vouch/engine"
)

// recalibrated returns p, a probability, corrected by a workspace's own
// calibration: logistic(bias + slope·logit(p)). Without one it is p itself,
// and so are 0 and 1, which no odds can move.
func recalibrated(p float64, c *engine.Calibration) float64 {
	if c == nil || p <= 0 || p >= 1 {
		return p
	}
	return logistic(c.Bias + c.Slope*math.Log(p/(1-p)))
}
