package agent

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"parlor/db"
	"parlor/domain"
	"parlor/handlers/web"
	"parlor/views/auth"
)

// How many attempts are free before each further one must wait.
const (
	freePerAccount = 5  // one account from one address
	freePerAddress = 30 // one address, whatever the account
)

// turns let the sign-ins of one address be checked one after the other, so
// that many at once do not slip past the throttle together.
var turns [64]sync.Mutex

func turnOf(address string) *sync.Mutex {
	h := fnv.New32a()
	_, _ = h.Write([]byte(address)) // a hash takes everything
	return &turns[h.Sum32()%uint32(len(turns))]
}

// showLogin is the door. Before the first run it leads to the setup.
func (h Handlers) showLogin(c echo.Context) error {
	if h.DB.Directory().Team == "" {
		return web.See(c, "/setup")
	}
	rememberLanguage(c)
	f := auth.LoginForm{Team: h.DB.Directory().Team, Next: web.LocalPath(c.QueryParam("next")), Remember: true}
	if c.QueryParam("changed") != "" {
		f.Notice = "login.changed"
	}
	return h.HTML(c, http.StatusOK, auth.Login(f))
}

// rememberLanguage keeps the language chosen at the door in the browser.
func rememberLanguage(c echo.Context) {
	if lang := c.QueryParam("lang"); lang == "zh-CN" || lang == "en" {
		c.SetCookie(&http.Cookie{Name: "lang", Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode})
	}
}

// login checks an address and a password.
func (h Handlers) login(c echo.Context) error {
	email := strings.ToLower(strings.TrimSpace(c.FormValue("email")))
	f := auth.LoginForm{
		Team: h.DB.Directory().Team, Email: email, Next: web.LocalPath(c.FormValue("next")),
		Remember: c.FormValue("remember") != "", Errors: domain.Invalid{},
	}
	address := web.Client(c)
	turn := turnOf(address)
	turn.Lock()
	defer turn.Unlock()
	keys := throttleKeys(email, address)
	wait, err := h.mustWait(keys)
	if err != nil {
		return err
	}
	if wait > 0 {
		f.Wait = int(math.Ceil(wait.Seconds()))
		return h.HTML(c, http.StatusTooManyRequests, auth.Login(f))
	}
	account, ok, err := h.checkPassword(email, c.FormValue("password"))
	if err != nil {
		return err
	}
	if !ok {
		if err := h.DB.Denied(address, keys...); err != nil {
			return err
		}
		f.Errors["password"] = "login.wrong"
		return h.HTML(c, http.StatusUnprocessableEntity, auth.Login(f))
	}
	return h.admit(c, account, f, address, keys[0])
}

// admit signs the agent in and puts the agent on duty.
func (h Handlers) admit(c echo.Context, account db.Login, f auth.LoginForm, address, key string) error {
	if err := h.SignIn(c.Request().Context(), account.Agent, account.Epoch, f.Remember); err != nil {
		return err
	}
	id := account.Agent
	actor, _ := h.DB.Directory().Actor(id)
	if err := h.DB.SignedIn(actor, address, key); err != nil {
		return err
	}
	if actor.Can(domain.PermReply) && h.DB.Directory().Agents[id].Status == domain.Offline {
		if err := h.DB.SetStatus(actor, domain.Online, "signed_in"); err != nil {
			return err
		}
	}
	return web.See(c, f.Next)
}

// throttleKeys are what failed attempts are held against.
func throttleKeys(email, address string) []string {
	return []string{"account " + short(email) + " " + address, "address " + address}
}

func (h Handlers) mustWait(keys []string) (time.Duration, error) {
	account, err := h.DB.Throttle(keys[0])
	if err != nil {
		return 0, err
	}
	address, err := h.DB.Throttle(keys[1])
	now := h.DB.Now()
	return max(account.Wait(freePerAccount, now), address.Wait(freePerAddress, now)), err
}

// checkPassword takes as long for an unknown account as for a known one.
func (h Handlers) checkPassword(email, password string) (db.Login, bool, error) {
	account, err := h.DB.Login(email)
	if err != nil && !errors.Is(err, domain.NotFound) {
		return account, false, err
	}
	ok, outdated := h.Hasher.Matches(password, account.Hash)
	if !ok || !account.Active {
		return account, false, nil
	}
	if outdated {
		hash, err := h.Hasher.Hash(password)
		if err != nil {
			return account, false, err
		}
		if err := h.DB.Rehash(account.Agent, account.Hash, hash); err != nil {
			return account, false, err
		}
	}
	return account, true, nil
}

func short(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// logout ends the session, its streams, and leaves nothing in the browser.
func (h Handlers) logout(c echo.Context, by web.Principal) error {
	key := h.SessionKey(c.Request().Context())
	if err := h.Sessions.Destroy(c.Request().Context()); err != nil {
		return err
	}
	h.Live.SessionEnded(key)
	if err := h.DB.SignedOut(by.Actor); err != nil {
		return err
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return web.See(c, "/login")
}

// showJoin is the page behind an invitation link.
func (h Handlers) showJoin(c echo.Context) error {
	invite, err := h.DB.InviteByToken(c.Param("token"))
	if err != nil {
		return err
	}
	return h.HTML(c, http.StatusOK, auth.Join(auth.JoinForm{Team: h.DB.Directory().Team, Token: c.Param("token"), Name: invite.Name}))
}

// join makes the account and signs its owner in.
func (h Handlers) join(c echo.Context) error {
	if _, err := h.DB.InviteByToken(c.Param("token")); err != nil {
		return err
	}
	f := auth.JoinForm{
		Team: h.DB.Directory().Team, Token: c.Param("token"), Name: domain.CleanName(c.FormValue("name")),
		Email: strings.ToLower(strings.TrimSpace(c.FormValue("email"))), Errors: domain.Invalid{},
	}
	f.Errors.CheckName("name", f.Name, domain.NameMost)
	f.Errors.CheckEmail("email", f.Email)
	web.CheckPassword(f.Errors, c.FormValue("password"), f.Name, f.Email, f.Team)
	if len(f.Errors) > 0 {
		return h.HTML(c, http.StatusUnprocessableEntity, auth.Join(f))
	}
	hash, err := h.Hasher.Hash(c.FormValue("password"))
	if err != nil {
		return err
	}
	id, err := h.DB.Join(f.Token, f.Name, f.Email, hash)
	if v, ok := web.Invalid(err); ok {
		f.Errors = v
		return h.HTML(c, http.StatusUnprocessableEntity, auth.Join(f))
	}
	if err != nil {
		return err
	}
	return h.admit(c, db.Login{Agent: id}, auth.LoginForm{Next: "/desk"}, web.Client(c), "")
}
