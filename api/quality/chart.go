package quality

import (
	"fmt"
	"strings"
)

// The charts are drawn in a field of side units; what is outside it are axes
// and their numbers.
const side = 300.0

// at turns a share, 0 to 1, into a coordinate; upwards if up is set.
func at(share float64, up bool) float64 {
	share = min(max(share, 0), 1)
	if up {
		share = 1 - share
	}
	return side * share
}

// curvePoints are the corners of the risk-coverage curve: coverage to the
// right, accuracy upwards.
func curvePoints(curve []Step) string {
	var b strings.Builder
	for _, s := range curve {
		fmt.Fprintf(&b, "%.1f,%.1f ", at(s.Coverage, false), at(s.Accuracy, true))
	}
	return strings.TrimSuffix(b.String(), " ")
}

// bar is a bar of the reliability diagram.
type bar struct {
	X, Y, Width, Height float64
	MarkY               float64 // where the bar would end if the promise were kept
	Title               string
}

// bars are drawn for bins with questions.
func bars(bins []Bin) []bar {
	const gap = 2
	var out []bar
	for _, b := range bins {
		if b.Questions == 0 {
			continue
		}
		x, y := at(b.From, false), at(b.Accuracy, true)
		out = append(out, bar{x + gap, y, at(b.To, false) - x - 2*gap, side - y, at(b.Confidence, true),
			fmt.Sprintf("%d questions, %s sure on the average, %s right", b.Questions, percent(b.Confidence), percent(b.Accuracy))})
	}
	return out
}

// tick is a number at an axis.
type tick struct {
	At, Up float64
	Text   string
}

func ticks() []tick {
	var out []tick
	for i := range 6 {
		share := float64(i) / 5
		out = append(out, tick{at(share, false), at(share, true), fmt.Sprintf("%.0f", 100*share)})
	}
	return out
}

// tableCurve thins the curve to what can be read: the step that first covers
// each tenth, and the last.
func tableCurve(curve []Step) []Step {
	var out []Step
	next := 0.0
	for i, s := range curve {
		if s.Coverage < next && i != len(curve)-1 {
			continue
		}
		out = append(out, s)
		for next <= s.Coverage {
			next += 0.1
		}
	}
	return out
}
