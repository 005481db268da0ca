package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// row is one line of the table.
type row struct {
	what, goal, measured string
	ratio                float64 // to the limit, to the bare rendering, or to the goal
	relative             bool    // the goal is about the ratio itself
	met                  bool
}

// goal is a bound on a number.
type goal struct {
	bound float64
	least bool
}

func atLeast(n float64) goal { return goal{n, true} }
func atMost(n float64) goal  { return goal{n, false} }

func (g goal) met(n float64) bool {
	if g.least {
		return n >= g.bound
	}
	return n <= g.bound
}

func (g goal) text(unit string) string {
	if g.least {
		return fmt.Sprintf("≥ %g%s", g.bound, unit)
	}
	return fmt.Sprintf("≤ %g%s", g.bound, unit)
}

func (b *bench) add(r row) { b.rows = append(b.rows, r) }

// absolute adds the row of a number with a goal of its own.
func (b *bench) absolute(what string, g goal, unit string, n float64, measured string) {
	ratio := n / g.bound
	if g.bound == 0 {
		ratio = n
	}
	b.add(row{what: what, goal: g.text(unit), measured: measured, ratio: ratio, met: g.met(n)})
}

func (b *bench) table() string {
	var t strings.Builder
	command := "go run -tags sqlite_fts5 ./bench"
	if args := slices.DeleteFunc(slices.Clone(os.Args[1:]), func(a string) bool { return a == "-write" }); len(args) > 0 {
		command += " " + strings.Join(args, " ")
	}
	fmt.Fprintf(&t, "`%s`, %d pairs, %s\n\n%s\n\n", command, b.pairs, time.Now().Format("2 January 2006"), b.machine())
	t.WriteString("| What | Goal | Measured | Ratio | |\n|---|---|---|---|---|\n")
	for _, r := range b.rows {
		ratio, verdict := fmt.Sprintf("%.2f", r.ratio), "met"
		if !r.relative {
			ratio += " of the goal"
		}
		if !r.met {
			verdict = "**not met**"
		}
		fmt.Fprintf(&t, "| %s | %s | %s | %s | %s |\n", r.what, r.goal, r.measured, ratio, verdict)
	}
	return t.String()
}

// machine says what the numbers were measured on.
func (b *bench) machine() string {
	var info syscall.Sysinfo_t
	ram := "unknown memory"
	if err := syscall.Sysinfo(&info); err == nil {
		ram = fmt.Sprintf("%.0f GiB", float64(info.Totalram)*float64(info.Unit)/(1<<30))
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease") // absent elsewhere
	load, _, _ := strings.Cut(text("/proc/loadavg"), " ")
	return fmt.Sprintf("%s, %d cores, %s, %s, kernel %s, 4 KiB written and synced in %d µs, load %s at the end",
		processor(), runtime.NumCPU(), ram, goVersion(), strings.TrimSpace(string(kernel)), b.synced.Microseconds(), load)
}

func text(path string) string {
	b, _ := os.ReadFile(path) // absent elsewhere
	return string(b)
}

func processor() string {
	for line := range strings.Lines(text("/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func goVersion() string {
	out, err := exec.Command("go", "version").Output()
	if err != nil {
		return runtime.Version()
	}
	return strings.TrimPrefix(strings.TrimSpace(string(out)), "go version ")
}

// syncTime is the median time until a small write is on disk: what a lone
// message cannot be faster than.
func syncTime(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, "sync-")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	took := make([]time.Duration, 200)
	page := make([]byte, 4096)
	for i := range took {
		began := time.Now()
		if _, err := f.Write(page); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

const (
	report = "BENCHMARKS.md"
	before = "<!-- results -->\n"
	after  = "<!-- end of results -->\n"
)

// record puts the table between its marks.
func record(table string) error {
	old, err := os.ReadFile(report)
	if err != nil {
		return err
	}
	head, rest, begun := bytes.Cut(old, []byte(before))
	_, tail, ended := bytes.Cut(rest, []byte(after))
	if !begun || !ended {
		return fmt.Errorf("%s has lost the marks around its results", report)
	}
	return os.WriteFile(report, slices.Concat(head, []byte(before), []byte(table), []byte(after), tail), 0o644)
}
