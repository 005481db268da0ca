package main

import (
	"fmt"
	"os"
	"time"

	"parlor/bench/measure"
	"parlor/db/demo"
)

const (
	starts   = 5
	megabyte = 1e6
)

// start measures starting on a large file and the memory of a server at rest.
func (b *bench) start() error {
	file, err := b.fresh()
	if err != nil {
		return err
	}
	if err := demo.Fill(file, b.startMessages); err != nil {
		return err
	}
	var took []float64
	var resident float64
	for i := range starts {
		server, err := b.serve(file)
		if err != nil {
			return err
		}
		took = append(took, float64(server.ready.Microseconds())/1e3)
		if i == starts-1 {
			time.Sleep(b.settle)
			m, err := server.metrics()
			if err != nil {
				server.stop()
				return err
			}
			resident = m["process_resident_memory_bytes"]
		}
		server.stop()
	}
	info, err := os.Stat(b.path("parlor"))
	if err != nil {
		return err
	}
	what := fmt.Sprintf("on a file of %d messages", b.startMessages)
	b.absolute("start "+what, atMost(500), " ms", measure.Median(took), fmt.Sprintf("%.0f ms", measure.Median(took)))
	b.absolute("memory at rest "+what, atMost(60), " MB", resident/megabyte, fmt.Sprintf("%.0f MB", resident/megabyte))
	b.absolute("binary", atMost(45), " MB", float64(info.Size())/megabyte, fmt.Sprintf("%.1f MB", float64(info.Size())/megabyte))
	return nil
}
