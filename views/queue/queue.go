package queue

import (
	"context"
	"strconv"

	"parlor/views/ui"
)

// summary is the line beside the title: how many wait, and how long.
func summary(ctx context.Context, l List) string {
	if l.Total == 0 {
		return ui.T(ctx, "queue.nobody")
	}
	return ui.N(ctx, "queue.summary", l.Total)
}

// lessHalf and moreHalf are just below and above n, where a meter changes colour.
func lessHalf(n int) string { return strconv.FormatFloat(max(0, float64(n)-0.5), 'f', 1, 64) }
func moreHalf(n int) string { return strconv.FormatFloat(float64(n)+0.5, 'f', 1, 64) }
