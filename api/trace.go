package api

import (
	"context"
	"fmt"
	"os"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// TracesWanted says that the environment names where traces go.
func TracesWanted() bool {
	return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
}

// NewTracer returns what sends traces where the environment says, by the
// variables that OpenTelemetry defines. Its Shutdown sends what is left.
func NewTracer(ctx context.Context) (*sdktrace.TracerProvider, error) {
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("send traces: %w; check the OTEL_EXPORTER_OTLP variables", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "vouch")), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("send traces: %w; check OTEL_RESOURCE_ATTRIBUTES", err)
	}
	return sdktrace.NewTracerProvider(sdktrace.WithBatcher(discreet{exporter}), sdktrace.WithResource(about)), nil
}

// discreet keeps back what of a span may hold ids and texts. The route is in
// its name.
type discreet struct{ sdktrace.SpanExporter }

// ExportSpans sends spans without their paths.
func (d discreet) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	out := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, s := range spans {
		out[i] = shortSpan{s}
	}
	return d.SpanExporter.ExportSpans(ctx, out)
}

type shortSpan struct{ sdktrace.ReadOnlySpan }

// Attributes returns those that a span may show.
func (s shortSpan) Attributes() []attribute.KeyValue {
	return slices.DeleteFunc(slices.Clone(s.ReadOnlySpan.Attributes()), func(a attribute.KeyValue) bool {
		return slices.Contains([]attribute.Key{"url.path", "url.query", "url.full", "http.target", "http.url"}, a.Key)
	})
}
