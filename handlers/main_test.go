package handlers_test

import (
	"log/slog"
	"os"
	"testing"
)

// TestMain keeps the many refusals that these tests provoke out of the output.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}
