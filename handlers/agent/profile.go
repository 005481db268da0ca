package agent

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/handlers/web"
	"parlor/views/settings"
)

// settings leads to the first settings page.
func (h Handlers) settings(c echo.Context, _ web.Principal) error {
	return web.See(c, "/settings/profile")
}

func (h Handlers) profilePage(c echo.Context, by web.Principal) (settings.ProfilePage, error) {
	frame, err := h.Page(c, by, h.T(c, "settings.profile"), "settings")
	return settings.ProfilePage{Page: frame, Name: by.Agent.Name, Prefs: by.Agent.Prefs}, err
}

// profile is the agent's own settings.
func (h Handlers) profile(c echo.Context, by web.Principal) error {
	p, err := h.profilePage(c, by)
	if err != nil {
		return err
	}
	return h.HTML(c, http.StatusOK, settings.Profile(p))
}

// saveProfile stores the agent's own name and choices.
func (h Handlers) saveProfile(c echo.Context, by web.Principal) error {
	name := domain.CleanName(c.FormValue("name"))
	prefs := domain.Prefs{
		CtrlEnter: c.FormValue("ctrl_enter") != "", Mute: c.FormValue("sound") == "", Quiet: c.FormValue("notify") == "",
		HidePreview: c.FormValue("preview") == "", NoKeys: c.FormValue("keys") == "",
	}
	if lang := c.FormValue("language"); lang == "zh-CN" || lang == "en" {
		prefs.Language = lang
	}
	err := h.DB.SetProfile(by.Actor, name, prefs)
	if v, ok := web.Invalid(err); ok {
		p, err := h.profilePage(c, by)
		if err != nil {
			return err
		}
		p.Name, p.Prefs, p.Errors = name, prefs, v
		return h.HTML(c, http.StatusUnprocessableEntity, settings.Profile(p))
	}
	if err != nil {
		return err
	}
	h.Toast(c, "form.saved")
	return web.See(c, "/settings/profile")
}

// refuseCurrent is the message key of a wrong current password, "" for the
// right one. Guessing is slowed down as at the door.
func (h Handlers) refuseCurrent(c echo.Context, by web.Principal, hash string) (string, error) {
	address := web.Client(c)
	keys := throttleKeys(by.Agent.Email, address)
	wait, err := h.mustWait(keys)
	switch {
	case err != nil:
		return "", err
	case wait > 0:
		return "error.toomany", nil
	}
	if ok, _ := h.Hasher.Matches(c.FormValue("current"), hash); ok {
		return "", nil
	}
	return "password.wrong", h.DB.Denied(address, keys...)
}

// changePassword sets a new password and signs every browser out.
func (h Handlers) changePassword(c echo.Context, by web.Principal) error {
	hash, err := h.DB.PasswordHash(by.Agent.ID)
	if err != nil {
		return err
	}
	v := domain.Invalid{}
	if refusal, err := h.refuseCurrent(c, by, hash); err != nil {
		return err
	} else if refusal != "" {
		v["current"] = refusal
	}
	web.CheckPassword(v, c.FormValue("password"), by.Agent.Name, by.Agent.Email, by.Directory.Team)
	if len(v) > 0 {
		p, err := h.profilePage(c, by)
		if err != nil {
			return err
		}
		p.PasswordErrors = v
		return h.HTML(c, http.StatusUnprocessableEntity, settings.Profile(p))
	}
	fresh, err := h.Hasher.Hash(c.FormValue("password"))
	if err != nil {
		return err
	}
	if err := h.DB.ChangePassword(by.Actor, fresh); err != nil {
		return err
	}
	return web.See(c, "/login?changed=1")
}
