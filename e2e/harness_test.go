// Package e2e drives the built program through a real browser: every flow a
// visitor and an agent go through, with faults, and a look at accessibility.
package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var (
	binary string          // the program under test
	chrome context.Context // the one browser; each person has a context of their own in it
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "parlor-e2e")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if binary, err = build(dir); err != nil {
		return 0, err
	}
	stop, err := startChrome(dir)
	if err != nil {
		return 0, err
	}
	defer stop()
	return m.Run(), nil
}

// build makes the program unless PARLOR_BIN names one.
func build(dir string) (string, error) {
	if given := os.Getenv("PARLOR_BIN"); given != "" {
		return filepath.Abs(given)
	}
	out := filepath.Join(dir, "parlor-under-test")
	cmd := exec.Command("go", "build", "-tags", "sqlite_fts5", "-o", out, "parlor")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return out, cmd.Run()
}

func startChrome(dir string) (stop func(), err error) {
	path, err := findChrome()
	if err != nil {
		return nil, err
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(filepath.Join(dir, "chrome")),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		// Windows lie on top of each other here; none of them is to slow down for it.
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true), chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("lang", "en-US"), chromedp.Flag("accept-lang", "en-US,en"),
	}
	allocator, release := chromedp.NewExecAllocator(context.Background(), options...)
	// A frame of another site is attached to in the middle of its life; what the
	// library finds odd about that is not.
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	stop = func() { cancel(); release() }
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, fmt.Errorf("%s does not start: %w", path, err)
	}
	chrome = ctx
	return stop, nil
}

func findChrome() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("these tests need Chromium, and neither chromium, chromium-browser nor google-chrome is on the PATH; install it (on Debian: apt-get install chromium)")
}
