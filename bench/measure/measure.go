// Package measure holds what the benchmark's programs tell each other.
package measure

import (
	"slices"
	"strconv"
	"strings"
)

// Load is what one run of the load generator measured.
type Load struct {
	Target        string
	Conversations int
	Rate          float64 // messages a second asked for; 0 for a closed loop
	Seconds       float64
	Messages      int64
	PerSecond     float64
	PerCommit     float64 // messages in one transaction
	CPU           float64 // the server's processor time per message, in µs
	Ack, Deliver  Times
	AgentLines    float64 // lines at the agents' streams, per message
	AgentCuts     int     // agents' streams that the server cut and that came back
	Resident      int64   // the server's memory at the end, in bytes
}

// Times are quantiles of a duration, in milliseconds.
type Times struct{ P50, P95, P99, Max float64 }

// Quantiles sorts durations in nanoseconds and returns their quantiles.
func Quantiles(ns []int64) Times {
	if len(ns) == 0 {
		return Times{}
	}
	slices.Sort(ns)
	at := func(q float64) float64 { return float64(ns[int(q*float64(len(ns)-1))]) / 1e6 }
	return Times{P50: at(.5), P95: at(.95), P99: at(.99), Max: at(1)}
}

// Median is the middle one of a few numbers.
func Median(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// Metrics reads the numbers of a Prometheus text page.
func Metrics(page string) map[string]float64 {
	out := map[string]float64{}
	for line := range strings.Lines(page) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseFloat(value, 64); ok && err == nil {
			out[name] = n
		}
	}
	return out
}
