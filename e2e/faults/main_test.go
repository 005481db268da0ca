// Package faults breaks the built program in the ways machines and networks
// do, and compares what clients were promised with what is stored.
package faults

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var (
	parlor  string // the program under test
	scratch string // a folder for what all tests share
)

func TestMain(m *testing.M) {
	flag.Parse()
	// What runs in parallel here mostly waits for time to pass, however few processors there are.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "parlor-faults")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	scratch = dir
	if parlor, err = build(dir); err != nil {
		return 0, err
	}
	if err := haveStrace(); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// build makes the program unless PARLOR_BIN names one.
func build(dir string) (string, error) {
	if given := os.Getenv("PARLOR_BIN"); given != "" {
		return filepath.Abs(given)
	}
	out := filepath.Join(dir, "parlor")
	cmd := exec.Command("go", "build", "-tags", "sqlite_fts5", "-o", out, "parlor")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return out, cmd.Run()
}

// haveStrace installs strace where that is possible: it sees the order of
// writes and can kill at one of them.
func haveStrace() error {
	if _, err := exec.LookPath("strace"); err == nil {
		return nil
	}
	if os.Getuid() == 0 {
		_ = exec.Command("apt-get", "install", "-y", "strace").Run() // the next look tells whether it worked
	}
	if _, err := exec.LookPath("strace"); err != nil {
		return fmt.Errorf("these tests need strace, which is not on the PATH; install it (on Debian: apt-get install strace)")
	}
	return nil
}

// rounds is how often a test repeats itself: few times by default, many in a soak.
func rounds(usual, soak int) int {
	if os.Getenv("PARLOR_SOAK") == "1" {
		return soak
	}
	return usual
}
