package measure

import "testing"

func TestQuantilesAndMedian(t *testing.T) {
	var ns []int64
	for i := range int64(101) {
		ns = append(ns, (100-i)*1e6)
	}
	if got, want := Quantiles(ns), (Times{50, 95, 99, 100}); got != want {
		t.Errorf("%v, not %v", got, want)
	}
	if got := Median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("median %v", got)
	}
}

func TestMetrics(t *testing.T) {
	m := Metrics("# HELP a_total Things.\n# TYPE a_total counter\na_total 12\nb_seconds 0.25\n")
	if len(m) != 2 || m["a_total"] != 12 || m["b_seconds"] != 0.25 {
		t.Error(m)
	}
}
