package web

import (
	"bufio"
	"bytes"
	_ "embed"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"parlor/domain"
)

// Hasher computes password hashes, few at a time: a storm of sign-ins must
// not take the machine from the people who are chatting.
type Hasher struct {
	turns  chan struct{}
	params *argon2id.Params
	dummy  string
}

// NewHasher returns a hasher with the parameters OWASP ASVS 5.0 names in 11.4.2.
func NewHasher() *Hasher {
	h := &Hasher{
		turns:  make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
		params: &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32},
	}
	h.dummy, _ = argon2id.CreateHash("an account that does not exist", h.params)
	return h
}

// Hash hashes a password.
func (h *Hasher) Hash(password string) (string, error) {
	h.turns <- struct{}{}
	defer func() { <-h.turns }()
	return argon2id.CreateHash(password, h.params)
}

// Matches checks a password against a hash. An empty hash, an unknown
// account's, takes just as long and never matches.
func (h *Hasher) Matches(password, hash string) (ok, outdated bool) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	h.turns <- struct{}{}
	defer func() { <-h.turns }()
	match, params, err := argon2id.CheckHash(password, hash)
	if err != nil || !known {
		return false, false
	}
	return match, params.Memory != h.params.Memory || params.Iterations != h.params.Iterations
}

//go:embed common-passwords.txt
var commonList []byte

var common = loadCommon()

func loadCommon() map[string]bool {
	out := map[string]bool{}
	lines := bufio.NewScanner(bytes.NewReader(commonList))
	for lines.Scan() {
		out[lines.Text()] = true
	}
	return out
}

const (
	passwordLeast = 8
	passwordMost  = 256
)

// CheckPassword puts a message key at the field password when it is too
// short, too long, among the most common, or made of the given words.
func CheckPassword(v domain.Invalid, password string, words ...string) {
	lower := strings.ToLower(password)
	switch n := utf8.RuneCountInString(password); {
	case n < passwordLeast:
		v["password"] = "password.short"
	case n > passwordMost:
		v["password"] = "password.long"
	case common[lower]:
		v["password"] = "password.common"
	}
	rest := lower
	for _, w := range append(words, "parlor", "会客厅") {
		for _, part := range strings.FieldsFunc(strings.ToLower(w), separates) {
			if utf8.RuneCountInString(part) > 2 {
				rest = strings.ReplaceAll(rest, part, "")
			}
		}
	}
	if rest != lower && strings.Trim(rest, "0123456789!@#$%^&*.-_ ") == "" {
		v["password"] = "password.word"
	}
}

// separates tells the words of a name or an address apart.
func separates(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }
