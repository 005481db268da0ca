package visitor

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"parlor/domain"
	"parlor/static"
	"parlor/views/ui"
)

// loaderConfig is what the launcher knows of its site. Nothing in it is about
// the person who loads it.
type loaderConfig struct {
	Base  string                       `json:"base"`
	Key   string                       `json:"key"`
	Brand string                       `json:"brand"`
	Side  string                       `json:"side"`
	Texts map[string]map[string]string `json:"texts"`
}

var loaderTexts = []string{"open", "close", "unread", "title"}

// loader is the one script a website loads: the launcher with its site's looks.
func (h Handlers) loader(c echo.Context) error {
	site, ok := h.DB.Directory().Site(c.QueryParam("site"))
	if !ok {
		return domain.NotFound
	}
	config := loaderConfig{Base: strings.TrimSuffix(h.Config.Base.String(), "/"), Key: site.Key, Brand: site.Brand, Side: site.Side, Texts: map[string]map[string]string{}}
	for _, lang := range ui.Languages {
		texts := map[string]string{}
		for _, key := range loaderTexts {
			texts[key] = ui.Text(lang, "launcher."+key, "name", site.Name)
		}
		config.Texts[lang] = texts
	}
	b, err := json.Marshal(config)
	if err != nil {
		return err
	}
	body := []byte("window.parlorConfig=" + string(b) + ";\n" + static.Source("js/widget.js"))
	head := c.Response().Header()
	head.Set("Cross-Origin-Resource-Policy", "cross-origin")
	head.Set("Cache-Control", "public, max-age=300")
	head.Set("Vary", "Accept-Encoding")
	if strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		head.Set("Content-Encoding", "gzip")
		body = static.Gzip(body)
	}
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", body)
}
