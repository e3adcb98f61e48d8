import HTTPTypes

/// The header fields that HTTPTypes has no name for.
extension HTTPField.Name {
    static let idempotencyKey = named("Idempotency-Key")
    static let pragma = named("Pragma")
    static let lastEventID = named("Last-Event-ID")
    static let xAccelBuffering = named("X-Accel-Buffering")
    static let xForwardedFor = named("X-Forwarded-For")
    static let signetUser = named("X-Signet-User")
    static let signetSession = named("X-Signet-Session")
    static let signetClient = named("X-Signet-Client")
    static let signetScope = named("X-Signet-Scope")

    private static func named(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("A field name written in this file is no token.") }
        return name
    }
}
