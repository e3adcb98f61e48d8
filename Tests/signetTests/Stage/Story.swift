import Testing

/// The tests that start servers, one after the other: a machine with two cores is busy enough with one of them.
@Suite("The whole story, with real processes", .serialized, .timeLimit(.minutes(5)))
enum Story {}
