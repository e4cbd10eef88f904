package api

import (
	"context"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"go.opentelemetry.io/otel/attribute"
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
	return sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about)), nil
}
