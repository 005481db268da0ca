package db

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"slices"

	"parlor/domain"
)

// Directory is what every request needs to know about the team. It is an
// immutable snapshot, made anew after each commit that changed any of it.
type Directory struct {
	Team       string // "" before the first run
	Agents     map[domain.AgentID]domain.Agent
	Roles      map[domain.RoleID]domain.Role
	Groups     map[domain.GroupID]domain.Group
	Sites      map[domain.SiteID]domain.Site
	agentOrder []domain.AgentID
	groupOrder []domain.GroupID
	siteOrder  []domain.SiteID
	siteByKey  map[string]domain.SiteID
}

// Directory returns the current snapshot.
func (d *DB) Directory() *Directory { return d.directory.Load() }

// Actor returns what the agent may do, or false when the agent may do nothing.
func (dir *Directory) Actor(id domain.AgentID) (domain.Actor, bool) {
	a, ok := dir.Agents[id]
	if !ok || !a.Active {
		return domain.Actor{}, false
	}
	return domain.ActorFor(a, dir.Roles[a.Role]), true
}

// Site finds a site by its public key.
func (dir *Directory) Site(key string) (domain.Site, bool) {
	id, ok := dir.siteByKey[key]
	return dir.Sites[id], ok
}

// AgentList returns every agent in assignment order.
func (dir *Directory) AgentList() []domain.Agent { return pick(dir.agentOrder, dir.Agents) }

// GroupList returns every group in order.
func (dir *Directory) GroupList() []domain.Group { return pick(dir.groupOrder, dir.Groups) }

// SiteList returns every site in order of creation.
func (dir *Directory) SiteList() []domain.Site { return pick(dir.siteOrder, dir.Sites) }

// RoleList returns every role in order of creation.
func (dir *Directory) RoleList() []domain.Role {
	var out []domain.Role
	for _, r := range dir.Roles {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b domain.Role) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func pick[K comparable, V any](order []K, from map[K]V) []V {
	out := make([]V, len(order))
	for i, k := range order {
		out[i] = from[k]
	}
	return out
}

var (
	teamName   = read(`SELECT COALESCE((SELECT name FROM team), '')`)
	allRoles   = read(`SELECT id, key, name, grants FROM roles`)
	allGroups  = read(`SELECT id, name, position FROM groups ORDER BY position, id`)
	allSites   = read(`SELECT id, key, name, group_id, domains, brand, side, greeting, silence FROM sites ORDER BY id`)
	allMembers = read(`SELECT agent_id, group_id FROM group_members ORDER BY group_id`)
	allScopes  = read(`SELECT agent_id, group_id FROM scope_groups ORDER BY group_id`)
	allAgents  = read(`SELECT id, email, name, role_id, scope, status, maximum, ceiling, position, epoch, prefs, active, created_at
		FROM agents ORDER BY position, id`)
)

// readDirectory reads everything anew from src.
func readDirectory(src source) (*Directory, error) {
	dir := &Directory{
		Agents: map[domain.AgentID]domain.Agent{}, Roles: map[domain.RoleID]domain.Role{},
		Groups: map[domain.GroupID]domain.Group{}, Sites: map[domain.SiteID]domain.Site{}, siteByKey: map[string]domain.SiteID{},
	}
	if err := src.row(teamName).Scan(&dir.Team); err != nil {
		return nil, err
	}
	for _, load := range []func(source) error{dir.loadRoles, dir.loadGroups, dir.loadSites, dir.loadAgents} {
		if err := load(src); err != nil {
			return nil, err
		}
	}
	return dir, nil
}

// Directory is the team as this transaction has left it so far.
func (tx *Tx) Directory() *Directory {
	if tx.dir == nil {
		return tx.d.Directory()
	}
	return tx.dir
}

func (dir *Directory) loadRoles(src source) error {
	rows, err := src.rows(allRoles)
	roles, err := collect(rows, err, func(r *sql.Rows) (role domain.Role, err error) {
		err = r.Scan(&role.ID, &role.Key, &role.Name, asJSON{&role.Grants})
		return role, err
	})
	for _, r := range roles {
		dir.Roles[r.ID] = r
	}
	return err
}

func (dir *Directory) loadGroups(src source) error {
	rows, err := src.rows(allGroups)
	groups, err := collect(rows, err, func(r *sql.Rows) (g domain.Group, err error) {
		err = r.Scan(&g.ID, &g.Name, &g.Position)
		return g, err
	})
	for _, g := range groups {
		dir.Groups[g.ID] = g
		dir.groupOrder = append(dir.groupOrder, g.ID)
	}
	return err
}

func (dir *Directory) loadSites(src source) error {
	rows, err := src.rows(allSites)
	sites, err := collect(rows, err, func(r *sql.Rows) (s domain.Site, err error) {
		err = r.Scan(&s.ID, &s.Key, &s.Name, &s.Group, asJSON{&s.Domains}, &s.Brand, &s.Side, &s.Greeting, &s.Silence)
		return s, err
	})
	for _, s := range sites {
		dir.Sites[s.ID], dir.siteByKey[s.Key] = s, s.ID
		dir.siteOrder = append(dir.siteOrder, s.ID)
	}
	return err
}

func (dir *Directory) loadAgents(src source) error {
	members, err := groupsByAgent(src, allMembers)
	if err != nil {
		return err
	}
	scopes, err := groupsByAgent(src, allScopes)
	if err != nil {
		return err
	}
	rows, err := src.rows(allAgents)
	agents, err := collect(rows, err, func(r *sql.Rows) (a domain.Agent, err error) {
		var created int64
		err = r.Scan(&a.ID, &a.Email, &a.Name, &a.Role, &a.Scope, &a.Status, &a.Maximum, &a.Ceiling, &a.Position,
			&a.Epoch, asJSON{&a.Prefs}, &a.Active, &created)
		a.Created, a.Groups, a.ScopeIn = at(created), members[a.ID], scopes[a.ID]
		return a, err
	})
	for _, a := range agents {
		dir.Agents[a.ID] = a
		dir.agentOrder = append(dir.agentOrder, a.ID)
	}
	return err
}

func groupsByAgent(src source, s *statement) (map[domain.AgentID][]domain.GroupID, error) {
	out := map[domain.AgentID][]domain.GroupID{}
	rows, err := src.rows(s)
	_, err = collect(rows, err, func(r *sql.Rows) (_ struct{}, err error) {
		var a domain.AgentID
		var g domain.GroupID
		if err = r.Scan(&a, &g); err == nil {
			out[a] = append(out[a], g)
		}
		return struct{}{}, err
	})
	return out, err
}

// asJSON scans a JSON column into its target.
type asJSON struct{ target any }

func (j asJSON) Scan(v any) error {
	text, _ := v.(string)
	return json.Unmarshal([]byte(text), j.target)
}

// toJSON is a value as its column text.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only plain values of our own reach this
	}
	return string(b)
}
