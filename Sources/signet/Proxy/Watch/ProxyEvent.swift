/// What the proxy sees happen.
enum ProxyEvent: Sendable {
    /// A request has come; requests are counted from 1 on.
    case asked(Int, SeenRequest, Fault)
    /// It is over, or the last of it is about to leave: what the server said, if anything, and what of it reaches the client.
    case answered(Int, by: SeenAnswer?, Arrival)
    /// The client has closed its connection before the answer began.
    case left(Int)
}

/// What reached the client.
enum Arrival: Sendable {
    /// The server's answer, whole.
    case whole
    /// Nothing, or only its beginning.
    case lost
    /// Somebody else's answer.
    case replaced(SeenAnswer)
    /// The server could not be reached, or broke off.
    case unreachable
}
