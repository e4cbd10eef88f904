package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the figures of one server, in a registry of their own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	running  prometheus.Gauge
	streams  prometheus.Gauge
	dropped  prometheus.Counter
	panics   prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "vouch_http_requests_total", Help: "Requests that ended, by operation of the API and status."}, []string{"operation", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vouch_http_request_duration_seconds", Help: "How long requests took, by operation of the API; without event streams.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"operation"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{Name: "vouch_http_requests_running", Help: "Requests that are served now."}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "vouch_event_streams", Help: "Event streams that are open now."}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{Name: "vouch_event_streams_dropped_total", Help: "Event streams that were ended because they were read too slowly."}),
		panics:  prometheus.NewCounter(prometheus.CounterOpts{Name: "vouch_panics_total", Help: "Requests that ended in a panic."}),
	}
	m.registry.MustRegister(m.requests, m.duration, m.running, m.streams, m.dropped, m.panics,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// count counts a request that ended. Its labels come from the contract, so
// there are only so many.
func (m *metrics) count(x *call, status int, took time.Duration) {
	name := "none"
	if x.op != nil {
		name = x.op.id
	}
	m.requests.WithLabelValues(name, strconv.Itoa(status)).Inc()
	if x.op == nil || !x.op.stream {
		m.duration.WithLabelValues(name).Observe(took.Seconds())
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}
