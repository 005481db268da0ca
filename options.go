package main

import (
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"parlor/db"
	"parlor/db/demo"
	"parlor/handlers"
	"parlor/handlers/live"
	"parlor/handlers/web"
)

// options are the flags of every command. Each can also be given in the
// environment: --base-url as PARLOR_BASE_URL.
type options struct {
	addr, db, baseURL, proxies, metricsFrom string
	smtp, mailFrom, logLevel, logFormat     string
	visitorRate                             float64
	messages                                int
}

const usage = `Parlor, a customer-service desk in one program and one file.

  parlor serve              serve the desk (what make run does)
  parlor demo --messages N  fill a new file with a believable small shop
  parlor backup FILE        write a consistent copy, also while serving
  parlor check              read the whole file and report damage
  parlor routes             print every route with the permission it needs
  parlor version            print the version

Every flag may be given in the environment, --base-url as PARLOR_BASE_URL.

`

func (o *options) define(f *flag.FlagSet) {
	f.StringVar(&o.addr, "addr", "127.0.0.1:8080", "address to listen on")
	f.StringVar(&o.db, "db", "parlor.db", "the database file; made on the first start")
	f.StringVar(&o.baseURL, "base-url", "", "where browsers find this server, such as https://chat.example.com (default: http://ADDR)")
	f.StringVar(&o.proxies, "trusted-proxies", "", "comma-separated addresses or ranges of reverse proxies whose X-Forwarded-For is believed")
	f.StringVar(&o.metricsFrom, "metrics-from", "", "comma-separated addresses or ranges that may read /metrics directly (default: this machine)")
	f.Float64Var(&o.visitorRate, "visitor-rate", 10, "messages a second one visitor may send for long; 0 for no limit")
	f.StringVar(&o.smtp, "smtp", "", "mail server for invitations, such as smtps://user:password@mail.example.com:465 (default: no mail)")
	f.StringVar(&o.mailFrom, "mail-from", "", "sender address of mail")
	f.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error; debug logs every request")
	f.StringVar(&o.logFormat, "log-format", "text", "text or json")
	f.IntVar(&o.messages, "messages", 20_000, "demo: how many messages to make")
}

func run(args []string) error {
	command := "serve"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, args = args[0], args[1:]
	}
	var o options
	f := flag.NewFlagSet("parlor "+command, flag.ExitOnError)
	o.define(f)
	f.Usage = func() {
		fmt.Fprint(f.Output(), usage)
		f.PrintDefaults()
	}
	if err := fromEnvironment(f); err != nil {
		return err
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	if err := o.logging(); err != nil {
		return err
	}
	return o.dispatch(command, f.Args())
}

func (o options) dispatch(command string, rest []string) error {
	switch command {
	case "serve":
		return serve(o)
	case "demo":
		return demonstrate(o)
	case "backup":
		if len(rest) != 1 {
			return fmt.Errorf("backup needs the name of the file to write")
		}
		return db.Backup(o.db, rest[0])
	case "check":
		return check(o)
	case "routes":
		printRoutes()
		return nil
	case "version":
		fmt.Println(version)
		return nil
	}
	return fmt.Errorf("unknown command %q; see parlor --help", command)
}

// fromEnvironment sets each flag that the environment names.
func fromEnvironment(f *flag.FlagSet) (err error) {
	f.VisitAll(func(g *flag.Flag) {
		name := "PARLOR_" + strings.ToUpper(strings.ReplaceAll(g.Name, "-", "_"))
		if v, ok := os.LookupEnv(name); ok && err == nil {
			if e := f.Set(g.Name, v); e != nil {
				err = fmt.Errorf("%s: %w", name, e)
			}
		}
	})
	return err
}

func (o options) logging() error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.logLevel)); err != nil {
		return fmt.Errorf("--log-level: %w", err)
	}
	opts := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(os.Stderr, opts)
	if o.logFormat == "json" {
		h = slog.NewJSONHandler(os.Stderr, opts)
	}
	slog.SetDefault(slog.New(h))
	return nil
}

// config checks what the operator gave.
func (o options) config() (web.Config, error) {
	c := web.Config{VisitorRate: o.visitorRate, CanMail: o.smtp != "", MetricsFrom: handlers.MetricsFromLoopback}
	base := o.baseURL
	if base == "" {
		base = "http://" + browsable(o.addr)
	}
	var err error
	if c.Base, err = url.Parse(base); err != nil || c.Base.Host == "" || (c.Base.Scheme != "http" && c.Base.Scheme != "https") {
		return c, fmt.Errorf("--base-url %q is not an http or https address", base)
	}
	if c.Proxies, err = prefixes(o.proxies); err != nil {
		return c, fmt.Errorf("--trusted-proxies: %w", err)
	}
	if o.metricsFrom != "" {
		if c.MetricsFrom, err = prefixes(o.metricsFrom); err != nil {
			return c, fmt.Errorf("--metrics-from: %w", err)
		}
	}
	return c, nil
}

// browsable is a listening address as a browser on this machine writes it.
func browsable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

func prefixes(list string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range strings.Split(list, ",") {
		s = strings.TrimSpace(s)
		if s == "" {
			continue
		}
		if ip, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func check(o options) error {
	faults, err := db.Check(o.db)
	if err != nil {
		return err
	}
	for _, f := range faults {
		fmt.Println(f)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%s is damaged: restore a backup", o.db)
	}
	fmt.Printf("%s is sound\n", o.db)
	return nil
}

func printRoutes() {
	for _, r := range handlers.Routes(web.Unserved(), live.New()) {
		fmt.Printf("%-5s %-42s %s\n", r.Method, r.Path, r.Access)
	}
}

// demonstrate fills a new file and gives its agents one password.
func demonstrate(o options) error {
	if err := demo.Fill(o.db, o.messages); err != nil {
		return err
	}
	password := rand.Text()[:12]
	hash, err := web.NewHasher().Hash(password)
	if err != nil {
		return err
	}
	store, err := db.Open(o.db, db.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	for _, a := range store.Directory().AgentList() {
		actor, _ := store.Directory().Actor(a.ID)
		if err := store.ChangePassword(actor, hash); err != nil {
			return err
		}
	}
	fmt.Printf("%s holds %d messages. Sign in as %s with the password %s\n", o.db, o.messages, demo.Email, password)
	return nil
}
