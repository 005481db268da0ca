package domain_test

import (
	"slices"
	"testing"

	"parlor/domain"
)

// free is an online agent of groups 1 with room for two more.
func free(id domain.AgentID, change ...func(*domain.Candidate)) domain.Candidate {
	c := domain.Candidate{
		Agent: id, Status: domain.Online, Groups: []domain.GroupID{1}, Load: domain.Load{Open: 1, Maximum: 3}, Position: int(id), Replies: true,
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func open(n int) func(*domain.Candidate)     { return func(c *domain.Candidate) { c.Load.Open = n } }
func position(n int) func(*domain.Candidate) { return func(c *domain.Candidate) { c.Position = n } }
func status(s domain.Status) func(*domain.Candidate) {
	return func(c *domain.Candidate) { c.Status = s }
}
func groups(g ...domain.GroupID) func(*domain.Candidate) {
	return func(c *domain.Candidate) { c.Groups = g }
}
func mute(c *domain.Candidate) { c.Replies = false }

func TestRoute(t *testing.T) {
	for _, row := range []struct {
		name string
		all  []domain.Candidate
		want domain.AgentID
	}{
		{"nobody", nil, 0},
		{"the least loaded", []domain.Candidate{free(1, open(2)), free(2, open(0)), free(3)}, 2},
		{"ties by position", []domain.Candidate{free(1, position(3)), free(2, position(2)), free(3, position(2), open(2))}, 2},
		{"then by id", []domain.Candidate{free(5, position(1)), free(4, position(1))}, 4},
		{"load before position", []domain.Candidate{free(1, position(1)), free(2, position(9), open(0))}, 2},
		{"full", []domain.Candidate{free(1, open(3)), free(2, open(2))}, 2},
		{"over", []domain.Candidate{free(1, open(4))}, 0},
		{"busy", []domain.Candidate{free(1, status(domain.Busy))}, 0},
		{"away", []domain.Candidate{free(1, status(domain.Away))}, 0},
		{"offline", []domain.Candidate{free(1, status(domain.Offline))}, 0},
		{"may not reply", []domain.Candidate{free(1, mute)}, 0},
		{"wrong group", []domain.Candidate{free(1, groups(2)), free(2, groups())}, 0},
		{"one of several groups", []domain.Candidate{free(1, groups(3, 1))}, 1},
	} {
		before := slices.Clone(row.all)
		got, ok := domain.Route(1, row.all)
		if got != row.want || ok != (row.want != 0) {
			t.Errorf("%s: %d, %v; want %d", row.name, got, ok, row.want)
		}
		for i := range before {
			if before[i].Agent != row.all[i].Agent || before[i].Load != row.all[i].Load {
				t.Errorf("%s: the candidates were changed", row.name)
			}
		}
	}
}

func TestDrain(t *testing.T) {
	for _, row := range []struct {
		name    string
		waiting []domain.GroupID
		all     []domain.Candidate
		want    []domain.AgentID
	}{
		{"nothing waits", nil, []domain.Candidate{free(1)}, nil},
		{"nobody is free", []domain.GroupID{1, 1}, nil, []domain.AgentID{0, 0}},
		{"oldest first until full", []domain.GroupID{1, 1, 1}, []domain.Candidate{free(1)}, []domain.AgentID{1, 1, 0}},
		{"shared by load", []domain.GroupID{1, 1, 1}, []domain.Candidate{free(1, open(0)), free(2)}, []domain.AgentID{1, 1, 2}},
		{"a group without a free agent holds up no other", []domain.GroupID{2, 1, 2}, []domain.Candidate{free(1)}, []domain.AgentID{0, 1, 0}},
		{"one agent of two groups serves the oldest", []domain.GroupID{2, 1, 2}, []domain.Candidate{free(1, groups(1, 2))}, []domain.AgentID{1, 1, 0}},
	} {
		before := slices.Clone(row.all)
		if got := domain.Drain(row.waiting, row.all); !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
		for i := range before {
			if before[i].Load != row.all[i].Load {
				t.Errorf("%s: the candidates were changed", row.name)
			}
		}
	}
}
