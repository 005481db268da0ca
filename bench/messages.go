package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"parlor/bench/measure"
)

// shape is one way to load the message path.
type shape struct {
	conversations int
	rate          float64
}

var (
	closed100  = shape{100, 0}
	closed1000 = shape{1000, 0}
	open1000   = shape{1000, 1000}
)

// pair is both programs under the same load in the same minute.
type pair struct{ limit, parlor measure.Load }

// messages measures the full message path.
func (b *bench) messages() error {
	got := map[shape][]pair{}
	for i := range b.pairs {
		for _, s := range []shape{closed100, closed1000, open1000} {
			p, err := b.pair(s, i%2 == 1)
			if err != nil {
				return err
			}
			got[s] = append(got[s], p)
		}
	}
	speed := func(l measure.Load) float64 { return l.PerSecond }
	cpu := func(l measure.Load) float64 { return l.CPU }
	b.compare("messages a second, 100 conversations, closed loop", got[closed100], speed, "%.0f", atLeast(0.5))
	b.compare("messages a second, 1,000 conversations, closed loop", got[closed1000], speed, "%.0f", atLeast(0.5))
	b.compare("server CPU per message, 100 conversations, closed loop", got[closed100], cpu, "%.0f µs", atMost(2.2))
	b.compare("server CPU per message, 1,000 conversations, closed loop", got[closed1000], cpu, "%.0f µs", atMost(2.2))
	b.compare("server CPU per message at 1,000 a second", got[open1000], cpu, "%.0f µs", atMost(1.5))
	b.compare("POST → event at the reader, p50, at 1,000 a second", got[open1000], func(l measure.Load) float64 { return l.Deliver.P50 }, "%.2f ms", atMost(1.3))
	b.compare("POST → event at the reader, p99, at 1,000 a second", got[open1000], func(l measure.Load) float64 { return l.Deliver.P99 }, "%.2f ms", atMost(2))
	return nil
}

// compare adds the row of one number: both medians and the median of the
// pairs' ratios.
func (b *bench) compare(what string, pairs []pair, number func(measure.Load) float64, format string, goal goal) {
	var limits, parlors, ratios []float64
	for _, p := range pairs {
		limits, parlors = append(limits, number(p.limit)), append(parlors, number(p.parlor))
		ratios = append(ratios, number(p.parlor)/number(p.limit))
	}
	b.add(row{
		what: what, goal: goal.text(" × limit"), ratio: measure.Median(ratios), relative: true, met: goal.met(measure.Median(ratios)),
		measured: fmt.Sprintf(format+" / "+format, measure.Median(parlors), measure.Median(limits)),
	})
}

func (b *bench) pair(s shape, parlorFirst bool) (p pair, err error) {
	if parlorFirst {
		if p.parlor, err = b.loaded("parlor", s); err != nil {
			return p, err
		}
	}
	if p.limit, err = b.loaded("limit", s); err != nil || parlorFirst {
		return p, err
	}
	p.parlor, err = b.loaded("parlor", s)
	return p, err
}

// loaded measures one program under load, on a fresh file.
func (b *bench) loaded(name string, s shape) (l measure.Load, err error) {
	file, err := b.fresh()
	if err != nil {
		return l, err
	}
	defer os.RemoveAll(filepath.Dir(file))
	launch := b.launchLimit
	if name == "parlor" {
		launch = b.serve
	}
	server, err := launch(file)
	if err != nil {
		return l, err
	}
	defer server.stop()
	out, err := b.load(b.measured+3*time.Minute, "-target", name, "-addr", server.addr, "-n", strconv.Itoa(s.conversations),
		"-rate", fmt.Sprint(s.rate), "-d", b.measured.String())
	if err != nil {
		return l, err
	}
	fmt.Fprintf(os.Stderr, "%s", out)
	return l, json.Unmarshal(out, &l)
}
