package domain

import (
	"cmp"
	"slices"
)

// Candidate is an agent as routing sees one.
type Candidate struct {
	Agent    AgentID
	Status   Status
	Groups   []GroupID
	Load     Load
	Position int
	Replies  bool // may answer customers at all
}

// Free reports whether the candidate takes another conversation by itself.
func (c Candidate) Free() bool {
	return c.Replies && c.Status == Online && c.Load.Open < c.Load.Maximum
}

// RouteReason says why a conversation went to somebody.
type RouteReason string

const (
	ByLoad RouteReason = "load" // the least loaded free agent of the group
	ByHand RouteReason = "hand" // taken from the queue by an agent
)

// Route chooses who receives a conversation of group: the free agent with the
// fewest open conversations, ties by position, then by id. It returns false
// when nobody is free.
func Route(group GroupID, all []Candidate) (AgentID, bool) {
	free := slices.DeleteFunc(slices.Clone(all), func(c Candidate) bool {
		return !c.Free() || !slices.Contains(c.Groups, group)
	})
	if len(free) == 0 {
		return 0, false
	}
	best := slices.MinFunc(free, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.Load.Open, b.Load.Open), cmp.Compare(a.Position, b.Position), cmp.Compare(a.Agent, b.Agent))
	})
	return best.Agent, true
}

// Drain routes as many waiting conversations as fit, oldest first. waiting
// holds the group of each; the result holds the chosen agent of each, 0 where
// it goes on waiting.
func Drain(waiting []GroupID, all []Candidate) []AgentID {
	all = slices.Clone(all)
	to := make([]AgentID, len(waiting))
	for i, group := range waiting {
		agent, ok := Route(group, all)
		if !ok {
			continue
		}
		to[i] = agent
		k := slices.IndexFunc(all, func(c Candidate) bool { return c.Agent == agent })
		all[k].Load.Open++
	}
	return to
}
