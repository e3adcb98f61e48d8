import Foundation
import HTTPTypes
import SignetTokens

/// The story: sign in, call, expire, renew, revoke. Each step checks that what it says has happened.
struct DemoStory: Sendable {
    /// What one device keeps.
    private struct Device {
        var accessToken: String
        var refreshToken: String
        var userID: String
        var sessionID: String
        /// Created once for each refresh token, before it is renewed.
        var idempotencyKey = Base64URL.string(systemRandomBytes(24))
    }

    private let stage: DemoStage
    private let teller: DemoTeller
    private let http: DemoHTTP

    init(stage: DemoStage, teller: DemoTeller) {
        self.stage = stage
        self.teller = teller
        http = DemoHTTP(teller: teller)
    }

    /// - Throws: ``CommandFailure`` when a step did not do what it says.
    func tell() async throws {
        teller.chapter(
            1, "Ada signs in on her laptop",
            "The password is checked once (Argon2id). Signet opens a session and keeps a hash of its refresh token; the laptop keeps both tokens."
        )
        var laptop = try await signIn("Ada's laptop")

        teller.chapter(
            2, "Ada signs in on her phone",
            "A second device is a second session: a row of its own, which lives and ends by itself.")
        var phone = try await signIn("Ada's phone")

        teller.chapter(
            3, "The laptop calls the notes API",
            "Its access token has not expired, so it calls. The API checks signature, audience and lifetime by itself; Signet is not asked."
        )
        let created = try await http.json("POST", stage.notes + "/notes", ["text": "Buy milk"], accessToken: laptop.accessToken)
        try check(created.status == .created, "The note is kept, under Ada's user id.")

        teller.chapter(
            4, "The access token expires",
            "It lives for \(DemoStage.accessLifetime) seconds here; five minutes is the default. Nobody revoked it.")
        try await Task.sleep(for: .seconds(DemoStage.accessLifetime + 1))
        let expired = try await http.json("GET", stage.notes + "/notes", accessToken: laptop.accessToken)
        try check(
            expired.status == .unauthorized && expired.challenge?.contains("expired") == true,
            "401: the API says plainly that it expired.")

        teller.chapter(
            5, "The laptop renews it",
            "It sends the refresh token, Ada's user id, and a key that it created for just this token, and gets two new tokens.")
        let stolen = laptop.refreshToken
        let renewed = try await renew(laptop)
        try check(
            renewed.status == .ok && renewed["refresh_token"] != stolen, "The refresh token was rotated: the old one is spent.")

        teller.chapter(
            6, "Suppose that this answer was lost on the way",
            "The laptop asks again with the same key, however late. The answer holds the same refresh token, so nobody is signed out."
        )
        let repeated = try await renew(laptop)
        try check(repeated["refresh_token"] == renewed["refresh_token"], "The same successor: a token never has two.")
        laptop = try device(from: repeated)

        teller.chapter(7, "The laptop calls again", "With the new access token.")
        let notes = try await http.json("GET", stage.notes + "/notes", accessToken: laptop.accessToken)
        try check(notes.status == .ok, "Ada has her notes.")

        teller.chapter(
            8, "A thief tries the spent refresh token",
            "It was copied from the laptop before step 5. A spent token is worth nothing, and betrays the theft.")
        let theft = try await http.form(
            stage.server + "/oauth/token",
            [("grant_type", "refresh_token"), ("refresh_token", stolen), ("client_id", stage.clientID)])
        try check(
            theft.status == .badRequest && theft["reason"] == "reused",
            "The session is revoked: whoever holds a copy, it is over.")

        teller.chapter(
            9, "The laptop is asked to sign in again", "Its own refresh token belongs to the session that has just been revoked.")
        let refused = try await renew(laptop)
        try check(
            refused["error"] == "invalid_grant" && refused["reason"] == "reused",
            "One device of one person signs in again, and nobody else.")

        teller.chapter(10, "The phone is unharmed", "Its session is its own: it renews and calls as if nothing had happened.")
        let onPhone = try await renew(phone)
        try check(onPhone.status == .ok, "The phone has new tokens.")
        phone = try device(from: onPhone)
        let fromPhone = try await http.json("GET", stage.notes + "/notes", accessToken: phone.accessToken)
        try check(fromPhone.status == .ok, "Ada reads her note on the phone.")

        try await loseThePhone(phone)
    }

    private func loseThePhone(_ lost: Device) async throws {
        teller.chapter(
            11, "Ada loses the phone, and signs it out",
            "She signs in on her laptop again and ends the phone's session. The phone's access token has not expired, but the notes API follows Signet's revocation feed."
        )
        let laptop = try await signIn("Ada's laptop")
        let renewed = try await renew(lost)
        try check(renewed.status == .ok, "Whoever found the phone has a new access token.")
        let phone = try device(from: renewed)
        let before = try await http.status(of: stage.notes + "/notes", accessToken: phone.accessToken)
        let ended = try await http.json(
            "DELETE", stage.server + "/v1/sessions/\(phone.sessionID)", accessToken: laptop.accessToken)
        let start = ContinuousClock.now
        try check(before == .ok && ended.status == .noContent, "The phone is signed out; until now its token was good.")
        while try await http.status(of: stage.notes + "/notes", accessToken: phone.accessToken) == .ok,
            ContinuousClock.now - start < .seconds(1)
        {
            try await Task.sleep(for: .milliseconds(5))
        }
        let time = ContinuousClock.now - start
        let refused = try await http.json("GET", stage.notes + "/notes", accessToken: phone.accessToken)
        try check(
            refused.status == .unauthorized && refused.challenge?.contains("expired") == false && time < .seconds(1),
            "401 after \(Int(time / .milliseconds(1))) ms: the API knew, and had not asked anybody about this token.")
    }

    private func signIn(_ name: String) async throws -> Device {
        let answer = try await http.json(
            "POST", stage.server + "/v1/sessions",
            [
                "username": .string(stage.username), "password": .string(stage.password), "client_id": .string(stage.clientID),
                "device_name": .string(name),
            ]
        )
        try check(answer.status == .created, "\(name) has an access token and a refresh token.")
        return try device(from: answer)
    }

    private func renew(_ device: Device) async throws -> DemoAnswer {
        try await http.form(
            stage.server + "/oauth/token",
            [
                ("grant_type", "refresh_token"), ("refresh_token", device.refreshToken), ("user_id", device.userID),
                ("client_id", stage.clientID),
            ], idempotencyKey: device.idempotencyKey
        )
    }

    private func device(from answer: DemoAnswer) throws -> Device {
        guard let accessToken = answer["access_token"], let refreshToken = answer["refresh_token"],
            let userID = answer["user_id"], let sessionID = answer["session_id"]
        else {
            throw CommandFailure("The answer holds no tokens.")
        }
        return Device(accessToken: accessToken, refreshToken: refreshToken, userID: userID, sessionID: sessionID)
    }

    private func check(_ isTrue: Bool, _ result: String) throws {
        guard isTrue else { throw CommandFailure("This step did not do what it says: \(result)") }
        teller.result(result)
    }
}
