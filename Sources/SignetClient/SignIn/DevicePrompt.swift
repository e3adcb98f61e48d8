public import Foundation
public import SignetTokens

/// What a device without keyboard or browser shows while it waits to be signed in (RFC 8628, section 3.3).
///
/// Show the address and the code, or the complete address as a QR code, and the code beside it: the person compares it.
public struct DevicePrompt: Sendable {
    /// What the person types, as the server wrote it.
    public let userCode: String
    /// Where the person types it, on any other device.
    public let verificationURL: URL
    /// The same address with the code in it, for a QR code; not every server has one.
    public let completeVerificationURL: URL?
    /// Until when the code can be used, by the device's clock.
    public let expiresAt: UnixTime

    /// Buys the tokens once the person has said yes.
    let deviceCode: Secret<String>
    /// How often the server may be asked.
    let interval: Duration
    /// The client's uptime when the code expires.
    let deadline: Duration
    let deviceName: String?
    /// The key that the tokens are to be bound to.
    let key: BoundKey?
    /// The session that was stored when the sign-in began.
    let sessionBefore: SessionID?

    /// Reads a device authorization response (RFC 8628, section 3.2); `nil` when it is none.
    init?(
        _ answer: ServerAnswer, device: String?, boundTo key: BoundKey?, beside sessionBefore: SessionID?, clocks: ClientClocks
    ) {
        guard answer.status == 200, let object = answer.object,
            let deviceCode = object["device_code"]?.string, (1...2048).contains(deviceCode.utf8.count),
            let userCode = object["user_code"]?.string, (1...64).contains(userCode.utf8.count),
            userCode.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
            let verificationURL = Self.page(object["verification_uri"]),
            let seconds = object["expires_in"]?.integer, seconds > 0
        else {
            return nil
        }
        let lifetime = Duration.seconds(min(seconds, 86_400))
        self.userCode = userCode
        self.verificationURL = verificationURL
        completeVerificationURL = Self.page(object["verification_uri_complete"])
        expiresAt = clocks.now().advanced(by: lifetime)
        self.deviceCode = Secret(deviceCode)
        // Five seconds, where the server names none; a server that names nothing sensible is not asked without pause.
        interval = .seconds(min(max(object["interval"]?.integer ?? 5, 1), 300))
        deadline = clocks.uptime() + lifetime
        deviceName = device
        self.key = key
        self.sessionBefore = sessionBefore
    }

    /// A page for a person, and no other kind of address.
    private static func page(_ value: JSONValue?) -> URL? {
        value?.string.flatMap { URL(string: $0) }.flatMap { Origin($0) == nil ? nil : $0 }
    }
}
