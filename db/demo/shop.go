package demo

import (
	"time"

	"parlor/domain"
)

// shop is where the stories happen.
type shop struct {
	random        *random
	now           time.Time
	team          team
	into          *bulk
	next          domain.EventID // the last one given
	conversations domain.ConversationID
	visitors      []*visitor
	ahead         []step // what has been invented and has not happened yet
}

// visitor is also a customer, under the same number.
type visitor struct {
	id   int64
	lang string
	busy bool
}

const (
	lengthMean   = 8.5 // messages of a conversation beyond the first two
	lengthMost   = 60
	stillOpen    = 14
	stillWaiting = 3
	calm         = 30 * time.Minute // since the last finished conversation ended
)

// live lets the shop live through its days.
func (s *shop) live(start time.Time, days, messages int) error {
	total := 0.0
	for d := range days {
		total += weight(start, d, days)
	}
	messages -= s.goOn(min(stillOpen+stillWaiting, messages/50))
	left := messages
	for d := range days {
		day, over := start.AddDate(0, 0, d), s.now
		quota := int(float64(messages) * weight(start, d, days) / total)
		if d == days-1 {
			quota, over = left, s.now.Add(-calm)
		}
		s.invent(day, quota, over)
		left -= quota
		if err := s.play(day.AddDate(0, 0, 1)); err != nil {
			return err
		}
	}
	return nil
}

// weight is how busy a day is: weekends are quieter and the shop grows.
func weight(start time.Time, d, days int) float64 {
	w := 0.7 + 0.6*float64(d)/float64(days)
	switch start.AddDate(0, 0, d).Weekday() {
	case time.Saturday, time.Sunday:
		w *= 0.75
	}
	return w
}

// invent makes up a day's conversations, with exactly quota messages, all
// over by a moment.
func (s *shop) invent(day time.Time, quota int, over time.Time) {
	for quota > 0 {
		n := min(quota, lengthMost, 2+int(s.random.ExpFloat64()*lengthMean))
		st := s.whole(s.moment(day), n)
		if late := st.last().Sub(over); late > 0 {
			earlier := late + time.Duration(s.random.Int64N(int64(2*time.Hour)))
			st.move(-min(earlier, st.first().Sub(day)))
		}
		quota -= st.messages()
		s.ahead = append(s.ahead, st.steps...)
	}
}

// goOn makes up n conversations that are still going on and returns how many
// messages they have so far.
func (s *shop) goOn(n int) (messages int) {
	for i := range n {
		st := s.running(i < stillWaiting)
		messages += st.messages()
		s.ahead = append(s.ahead, st.steps...)
	}
	return messages
}

// hours is how the visits of a day spread over its hours in the shop's zone.
var hours = []int{2, 1, 1, 0, 0, 1, 2, 4, 10, 18, 22, 18, 12, 14, 20, 20, 17, 14, 12, 15, 20, 20, 12, 6}

var zone = time.FixedZone("China", 8*3600)

// moment is when in the 24 hours after day a customer comes.
func (s *shop) moment(day time.Time) time.Time {
	all := 0
	for _, n := range hours {
		all += n
	}
	hour := 0
	for n := s.random.IntN(all); n >= hours[hour]; hour++ {
		n -= hours[hour]
	}
	past := (hour - day.In(zone).Hour() + 24) % 24
	return day.Add(time.Duration(past)*time.Hour + time.Duration(s.random.Int64N(int64(time.Hour))))
}
