package web

import (
	"github.com/labstack/echo/v4"

	"parlor/views/layout"
)

// Page is the frame around a screen of section here.
func (a *App) Page(c echo.Context, by Principal, title, here string) (layout.Page, error) {
	p := layout.Page{
		Title: title, Team: by.Directory.Team, Agent: by.Agent, Actor: by.Actor, Here: here, View: "list", Toast: a.takeToast(c),
	}
	var err error
	if p.After, err = a.DB.LastEvent(); err != nil { // before all else, so that nothing falls between page and stream
		return p, err
	}
	if p.Unread, err = a.DB.Unread(by.Actor); err != nil {
		return p, err
	}
	wait, err := a.DB.Waiting(by.Actor)
	p.Wait = wait.Count
	return p, err
}
