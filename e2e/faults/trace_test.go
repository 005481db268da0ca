package faults

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// call is one system call of the program. Begun and ended are its places in
// the order of everything that was seen.
type call struct {
	name         string
	path         string // of the file; "socket:…" for a connection
	data         string
	number       int64 // the offset of pwrite64, the length of ftruncate
	begun, ended int
}

// traced runs a server under strace while do is at work, and returns its calls
// in the order in which they ended. The server is stopped and not killed:
// strace would die with it and lose the end of its log.
func (d *desk) traced(calls string, do func()) []call {
	d.t.Helper()
	log := filepath.Join(d.t.TempDir(), "calls")
	d.start("strace", "-f", "-D", "--seccomp-bpf", "-y", "-xx", "-s", "65536", "-e", "signal=none", "-e", "trace="+calls, "-o", log, "--")
	do()
	d.stop()
	return parse(d.t, log)
}

var (
	callLine = regexp.MustCompile(`^(\d+) +(\w+)\((.*)$`)
	resumed  = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)$`)
	onFile   = regexp.MustCompile(`^\d+<([^>]*)>`)
	quoted   = regexp.MustCompile(`"([^"]*)"`)
	worked   = regexp.MustCompile(`\) += \d+$`)
	final    = regexp.MustCompile(`, (\d+)\) += `)
)

// parse reads strace's log. Calls that failed or never returned are left out.
func parse(t *testing.T, log string) (calls []call) {
	t.Helper()
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	type half struct {
		begun int
		text  string
	}
	open := map[string]half{}
	for n := 0; lines.Scan(); n++ {
		line := lines.Text()
		if m := resumed.FindStringSubmatch(line); m != nil {
			if h, ok := open[m[1]]; ok {
				calls = appendCall(calls, h.text+m[3], h.begun, n)
			}
			delete(open, m[1])
			continue
		}
		m := callLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		text := m[2] + "(" + m[3]
		if begun, cut := strings.CutSuffix(text, " <unfinished ...>"); cut {
			open[m[1]] = half{n, begun}
			continue
		}
		calls = appendCall(calls, text, n, n)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return calls
}

func appendCall(calls []call, text string, begun, ended int) []call {
	if !worked.MatchString(text) {
		return calls
	}
	name, args, _ := strings.Cut(text, "(")
	c := call{name: name, begun: begun, ended: ended}
	if m := onFile.FindStringSubmatch(args); m != nil {
		c.path = plain(m[1])
		args = args[len(m[0]):]
	}
	if m := quoted.FindStringSubmatch(args); m != nil {
		c.data = plain(m[1])
	}
	if m := final.FindStringSubmatch(args); m != nil {
		c.number, _ = strconv.ParseInt(m[1], 10, 64) // the pattern admits digits alone
	}
	return append(calls, c)
}

// plain undoes strace's \x escapes.
func plain(escaped string) string {
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		if escaped[i] == '\\' && i+3 < len(escaped) && escaped[i+1] == 'x' {
			if n, err := strconv.ParseUint(escaped[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(escaped[i])
	}
	return b.String()
}
