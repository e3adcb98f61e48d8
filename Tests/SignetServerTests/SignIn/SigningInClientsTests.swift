import Foundation
import HTTPTypes
import SignetSessions
import SignetTokens
import Testing

@Suite("The app that signs a person in says who it is (CLI-3)")
struct SigningInClientsTests {
    private static let basic: HTTPFields = [
        .authorization: "Basic " + Data("app:app-secret".utf8).base64EncodedString()
    ]

    @Test("a confidential one with its secret, in the body or by HTTP basic authentication")
    func confidential() async throws {
        try await TestServer.run { server in
            try await server.addClient("app", secret: "app-secret")

            let inBody = try await server.signIn(["client_id": "app", "client_secret": "app-secret"])
            let inHeader = try await server.signIn([:], Self.basic)
            let named = try await server.signIn(["client_id": "app"], Self.basic)

            for answer in [inBody, inHeader, named] {
                #expect(answer.status == 201)
                #expect(try answer.claims()["client_id"] == "app")
            }
        }
    }

    @Test("a wrong secret, none, another client's, and a public client's are one answer, and open no session")
    func refuses() async throws {
        try await TestServer.run { server in
            try await server.addClient("app", secret: "app-secret")
            try await server.addClient("other", secret: "other-secret")
            let attempts: [[String: JSONValue]] = [
                ["client_id": "app", "client_secret": "wrong"], ["client_id": "app"], ["client_id": "app", "client_secret": ""],
                ["client_id": "app", "client_secret": "other-secret"], ["client_id": "nobody", "client_secret": "app-secret"],
                ["client_id": "signet", "client_secret": "app-secret"], ["client_secret": "app-secret"],
            ]

            var answers: [Answer] = []
            for attempt in attempts { answers.append(try await server.signIn(attempt)) }
            answers.append(try await server.signIn(["client_id": "other"], Self.basic))

            for answer in answers {
                #expect(answer.status == 401)
                #expect(answer["code"] == "invalid_client")
                #expect(answer.challenge == "Basic realm=\"signet\"")
                #expect(answer.isWellFormedError)
            }
            #expect(Set(answers.map(\.bytes)).count == 1)
            #expect(try await !server.store.auditEntries(limit: 99).contains { $0.entry.event == .sessionOpened })
        }
    }

    @Test("a wrong secret learns nothing of the password")
    func hidesPassword() async throws {
        try await TestServer.run { server in
            try await server.addClient("app", secret: "app-secret")
            let claim: [String: JSONValue] = ["client_id": "app", "client_secret": "wrong"]

            let right = try await server.signIn(claim)
            let wrong = try await server.signIn(claim.merging(["password": .string(TestServer.wrongPassword)]) { $1 })

            #expect(right.bytes == wrong.bytes)
        }
    }

    @Test("in one way only (CLI-4); a header of another scheme says nothing of the client")
    func oneWay() async throws {
        try await TestServer.run { server in
            try await server.addClient("app", secret: "app-secret")

            let both = try await server.signIn(["client_id": "app", "client_secret": "app-secret"], Self.basic)
            #expect(both.status == 400)
            #expect(both["code"] == "invalid_request")
            let malformed = try await server.signIn([:], [.authorization: "Basic !"])
            #expect(malformed.status == 401)
            #expect(malformed["code"] == "invalid_client")
            let bearer = try await server.signIn([:], [.authorization: "Bearer old"])
            #expect(bearer.status == 201)
        }
    }
}
