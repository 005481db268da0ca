package domain

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Brand colours of a site's widget; each has a step dark enough for white text.
var Brands = []string{"cobalt", "celadon", "ochre", "cinnabar", "plum"}

// Site is one widget installation.
type Site struct {
	ID       SiteID
	Key      string // public, unguessable; stands in the script tag and the chat link
	Name     string
	Group    GroupID
	Domains  []string // hosts that may embed the widget; empty means any
	Brand    string
	Side     string // right or left
	Greeting string // "" uses the built-in text in the visitor's language
	Silence  int    // minutes of silence after which a conversation ends; 0 never
}

// SilenceMost bounds Site.Silence, in minutes: one week.
const SilenceMost = 7 * 24 * 60

var domainForm = regexp.MustCompile(`^(\*\.)?([a-z0-9-]+\.)*[a-z0-9-]+(:[0-9]{1,5})?$`)

// ParseDomains reads one host per line or comma, tolerating a scheme and a
// path. It returns the hosts in order, and the first entry it cannot read.
func ParseDomains(s string) (hosts []string, bad string) {
	split := func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == '，' || r == '、' }
	for _, entry := range strings.FieldsFunc(strings.ToLower(s), split) {
		host := entry
		if u, err := url.Parse(entry); err == nil && u.Host != "" {
			host = u.Host
		}
		host, _, _ = strings.Cut(host, "/")
		if !domainForm.MatchString(host) {
			return hosts, entry
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts, ""
}

// HostOf returns the host of what a person typed for a website when it is one,
// "" when it is just a name.
func HostOf(s string) string {
	hosts, bad := ParseDomains(s)
	if bad != "" || len(hosts) != 1 {
		return ""
	}
	host := hosts[0]
	if !strings.Contains(host, ".") && !strings.HasPrefix(host, "localhost") {
		return ""
	}
	return host
}

// Allows reports whether a page of origin (scheme://host[:port]) may embed
// the widget. An entry without a port covers every port of a local host and
// the default port elsewhere.
func (s Site) Allows(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	if len(s.Domains) == 0 {
		return true
	}
	return slices.ContainsFunc(s.Domains, func(d string) bool { return matchHost(d, u) })
}

func matchHost(entry string, u *url.URL) bool {
	if entry == u.Host || (isLocal(entry) && entry == u.Hostname()) {
		return true
	}
	suffix, wild := strings.CutPrefix(entry, "*")
	return wild && strings.HasSuffix(u.Host, suffix)
}

func isLocal(host string) bool { return host == "localhost" || host == "127.0.0.1" }

// Ancestors is the value of the frame-ancestors directive for this site,
// besides the product's own origin.
func (s Site) Ancestors() string {
	if len(s.Domains) == 0 {
		return "http: https:"
	}
	var out []string
	for _, d := range s.Domains {
		out = append(out, "https://"+d, "http://"+d)
		if isLocal(d) {
			out = append(out, "https://"+d+":*", "http://"+d+":*")
		}
	}
	return strings.Join(out, " ")
}

// GreetingMost is the longest greeting, in characters.
const GreetingMost = 300

// Validate reports what is wrong with the site. Errors: Invalid.
func (s Site) Validate(groups map[GroupID]Group) error {
	v := Invalid{}
	v.CheckName("name", s.Name, NameMost)
	if _, ok := groups[s.Group]; !ok {
		v["group"] = "site.group.unknown"
	}
	if !slices.Contains(Brands, s.Brand) {
		v["brand"] = "site.brand.unknown"
	}
	if s.Side != "right" && s.Side != "left" {
		v["side"] = "site.side.unknown"
	}
	if s.Silence < 0 || s.Silence > SilenceMost {
		v["silence"] = "site.silence.range"
	}
	if utf8.RuneCountInString(s.Greeting) > GreetingMost {
		v["greeting"] = "field.long"
	}
	return v.Err()
}

// SilenceDefault is a new site's minutes of silence before the end.
const SilenceDefault = 30
