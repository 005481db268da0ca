package domain

// Row ids. A message's id is the id of the event that recorded it, so one
// cursor orders a thread, a stream and the event log alike.
type (
	AgentID        int64
	GroupID        int64
	RoleID         int64
	SiteID         int64
	VisitorID      int64
	CustomerID     int64
	ConversationID int64
	EventID        int64
)
