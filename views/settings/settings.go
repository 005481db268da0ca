package settings

import (
	"strconv"
	"strings"

	"parlor/domain"
)

func agentID(id domain.AgentID) string { return strconv.FormatInt(int64(id), 10) }
func groupID(id domain.GroupID) string { return strconv.FormatInt(int64(id), 10) }
func siteID(id domain.SiteID) string   { return strconv.FormatInt(int64(id), 10) }

func groupNames(ids []domain.GroupID, groups []domain.Group) string {
	var out []string
	for _, g := range groups {
		for _, id := range ids {
			if id == g.ID {
				out = append(out, g.Name)
			}
		}
	}
	return strings.Join(out, " · ")
}
