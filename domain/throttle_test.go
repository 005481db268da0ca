package domain_test

import (
	"testing"
	"time"

	"parlor/domain"
)

func TestS04_WaitDoublesAfterTheFreeFailures(t *testing.T) {
	for failures, want := range map[int]time.Duration{
		0: 0, 4: 0, 5: 2 * time.Second, 6: 4 * time.Second, 7: 8 * time.Second, 12: 256 * time.Second,
		13: 5 * time.Minute, 1000: 5 * time.Minute,
	} {
		if got := (domain.Throttle{Failures: failures, Last: noon}).Wait(5, noon); got != want {
			t.Errorf("%d failures: %v, want %v", failures, got, want)
		}
	}
	six := domain.Throttle{Failures: 6, Last: noon}
	for after, want := range map[time.Duration]time.Duration{
		time.Second: 3 * time.Second, 4 * time.Second: 0, time.Minute: 0,
	} {
		if got := six.Wait(5, noon.Add(after)); got != want {
			t.Errorf("%v later: %v, want %v", after, got, want)
		}
	}
	if got := (domain.Throttle{Failures: 1000, Last: noon}).Wait(5, noon.Add(time.Hour+1)); got != 0 {
		t.Errorf("after an hour: %v", got)
	}
}

func TestS04_FailCountsUntilAnHourOfPeace(t *testing.T) {
	var th domain.Throttle
	for i := range 3 {
		th = th.Fail(noon.Add(time.Duration(i) * time.Hour))
	}
	if th.Failures != 3 || !th.Last.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("%+v", th)
	}
	if th = th.Fail(th.Last.Add(time.Hour + 1)); th.Failures != 1 {
		t.Errorf("after an hour of peace: %+v", th)
	}
}
