import Foundation
import SignetTestKit
import Testing

@testable import signet

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("A bad network", .timeLimit(.minutes(5)))
struct FaultyProxyTests {
    @Test("what has no fault passes unchanged")
    func passes() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([])) { proxy in
                let body = String(repeating: "sealing wax ", count: 20_000)

                let answer = try await RawHTTP(port: proxy.port).post("/echo", json: body)

                #expect(answer.status == 200)
                #expect(answer.text == body)
                #expect(echo.received == [body])
            }
        }
    }

    @Test("a lost request never reaches the server")
    func losesRequest() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([.loseRequest])) { proxy in
                await #expect(throws: RawAnswer.Failure.cut(received: 0)) {
                    try await RawHTTP(port: proxy.port).post("/", json: "1")
                }

                #expect(echo.received == [])
            }
        }
    }

    @Test("a lost answer is lost after the server has done its work")
    func losesAnswer() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([.loseAnswer])) { proxy in
                await #expect(throws: RawAnswer.Failure.cut(received: 0)) {
                    try await RawHTTP(port: proxy.port).post("/", json: "1")
                }

                #expect(echo.received == ["1"])
            }
        }
    }

    @Test("an answer is cut at any byte, and the client can tell")
    func cutsAnswer() async throws {
        try await EchoServer.run { echo in
            let length = try await FaultyProxy.run(to: echo.port, plan: FaultPlan([])) { proxy in
                try await RawHTTP(port: proxy.port).send(Self.postOfWax).count
            }
            let cuts =
                (0..<length).map(Fault.cutAnswerAt) + (0..<length).map { Fault.cutAnswer(Double($0) / Double(length) + 1e-6) }
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan(cuts)) { proxy in
                for received in Array(0..<length) + Array(0..<length) {
                    #expect(try await RawHTTP(port: proxy.port).send(Self.postOfWax).count == received)
                }

                let whole = try await RawHTTP(port: proxy.port).post("/", json: "wax")
                #expect(whole.text == "wax")
            }
        }
    }

    @Test("an answer that is to be cut behind its end arrives whole")
    func cutsBehindTheEnd() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([.cutAnswerAt(100_000)])) { proxy in
                let answer = try await RawHTTP(port: proxy.port).post("/", json: "wax")

                #expect(answer.text == "wax")
            }
        }
    }

    @Test(
        "somebody else's answer is no answer of the server's, which has seen nothing, unless a gateway has waited too long",
        arguments: [
            (.status(401), 401), (.status(429), 429), (.status(503), 503), (.status(504), 504), (.portal, 200), (.redirect, 302),
        ] as [(FakedAnswer, Int)])
    func replacesAnswer(faked: FakedAnswer, status: Int) async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([.answer(faked)])) { proxy in
                let answer = try await RawHTTP(port: proxy.port).post("/", json: "wax")

                #expect(answer.status == status)
                #expect(answer[field: "Content-Type"] == "text/html; charset=utf-8")
                #expect(answer[field: "Retry-After"] == ([429, 503].contains(status) ? "1" : nil))
                #expect((answer[field: "Location"] != nil) == (status == 302))
                #expect(echo.received == (status == 504 ? ["wax"] : []))
            }
        }
    }

    @Test("a connection is reset before the server has seen anything")
    func resets() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([.reset])) { proxy in
                let curl = try await Tool.run(
                    "curl", ["--silent", "--show-error", "http://127.0.0.1:\(proxy.port)/", "--data", "wax"])

                // "Failure with receiving network data", where a connection that just ends is 52.
                #expect(curl.exit == .status(56), "\(curl.errors)")
                #expect(echo.received == [])
            }
        }
    }

    @Test("a client that leaves before its answer does not know it, and one that goes after it does")
    func leaving() async throws {
        let answer = AnsweringServer.answer(
            200, "application/json",
            "{\"access_token\":\"a\",\"expires_in\":300,\"refresh_token\":\"\(WatchedClient.refreshToken(1, 1))\"}")
        try await AnsweringServer.run({ _ in answer }) { server in
            let plan = FaultPlan([.delayAnswer(.milliseconds(100))])
            try await FaultyProxy.run(to: server.port, plan: plan) { proxy in
                let form = "grant_type=refresh_token&refresh_token=\(WatchedClient.refreshToken(1, 0))"
                try await OpenConnection.run(port: proxy.port) { connection in
                    try await connection.write("POST /oauth/token HTTP/1.1\r\nContent-Length: \(form.utf8.count)\r\n\r\n\(form)")
                    while server.received.isEmpty { await Task.yield() }
                }
                try await until { proxy.judge.tally.answersLost == 1 }

                for _ in 1...20 { _ = try await RawHTTP(port: proxy.port).renew(WatchedClient.refreshToken(1, 0)) }
                try await until { proxy.judge.tally.answersRecovered == 1 }
                #expect(proxy.judge.tally.answersLost == 1)
            }
        }
    }

    @Test("only renewals meet faults, if nothing else was asked for")
    func onlyRenewals() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([.loseRequest]), only: .renewals) { proxy in
                let http = RawHTTP(port: proxy.port)
                for path in ["/v1/sessions", "/oauth/revoke", "/oauth/token"] {
                    let answer = try await http.post(path, json: "wax")
                    #expect(answer.status == 200)
                }
                await #expect(throws: RawAnswer.Failure.cut(received: 0)) { try await http.renew("sgr1_x") }
                let answer = try await http.renew("sgr1_x")
                #expect(answer.status == 200)

                #expect(proxy.met == [.none, .none, .none, .loseRequest, .none])
            }
        }
    }

    private static let postOfWax = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nwax".utf8)

    @Test("a delayed answer arrives whole, and not before its time")
    func delaysAnswer() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([.delayAnswer(.milliseconds(50))])) { proxy in
                let start = ContinuousClock.now

                let answer = try await RawHTTP(port: proxy.port).post("/", json: "late")

                #expect(answer.text == "late")
                #expect(ContinuousClock.now - start >= .milliseconds(50))
            }
        }
    }

    @Test(
        "a repeated request reaches the server twice and is answered once",
        arguments: [
            .repeatRequest(after: nil, answerWithCopy: false), .repeatRequest(after: nil, answerWithCopy: true),
            .repeatRequest(after: .milliseconds(5), answerWithCopy: false),
            .repeatRequest(after: .milliseconds(5), answerWithCopy: true),
        ] as [Fault])
    func repeatsRequest(fault: Fault) async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([fault])) { proxy in
                let answer = try await RawHTTP(port: proxy.port).post("/", json: "twice")

                #expect(answer.text == "twice")
                #expect(echo.received == ["twice", "twice"])
            }
        }
    }

    @Test("a copy never arrives after a later request")
    func repeatsBeforeTheNext() async throws {
        try await EchoServer.run { echo in
            let plan = FaultPlan([.repeatRequest(after: .milliseconds(200), answerWithCopy: false)])
            try await FaultyProxy.run(to: echo.port, plan: plan) { proxy in
                let client = RawHTTP(port: proxy.port)
                async let renewal = client.post("/", json: "renewal")
                while echo.received.isEmpty { await Task.yield() }

                _ = try await client.post("/", json: "next renewal")

                #expect(echo.received == ["renewal", "renewal", "next renewal"])
                #expect(try await renewal.text == "renewal")
            }
        }
    }

    @Test(
        "under any plan an answer is right or cut, and no client's requests change their order",
        arguments: 1...5 as ClosedRange<UInt64>)
    func keepsOrder(seed: UInt64) async throws {
        try await EchoServer.run { echo in
            let plan = FaultPlan(seed: seed, share: 0.7)
            try await FaultyProxy.run(to: echo.port, plan: plan) { proxy in
                try await withThrowingTaskGroup(of: Void.self) { clients in
                    for client in 0..<8 {
                        clients.addTask {
                            for number in 0..<20 {
                                let body = "\(client) \(number)"
                                do {
                                    let answer = try await RawHTTP(port: proxy.port).post("/", json: body)
                                    #expect(answer.text == body, "seed \(seed)")
                                } catch is RawAnswer.Failure {}
                            }
                        }
                    }
                    try await clients.waitForAll()
                }

                #expect(proxy.met.count == 160)
                #expect(Set(proxy.met).count > 6, "seed \(seed)")
            }
            for client in 0..<8 {
                let numbers = echo.received.filter { $0.hasPrefix("\(client) ") }.compactMap { Int($0.dropFirst(2)) }
                #expect(numbers == numbers.sorted(), "seed \(seed)")
            }
        }
    }

    @Test("with the server gone the connection just ends, and a server that is back is found")
    func survivesItsServer() async throws {
        let server = try FreePort.choose()
        let plan = FaultPlan([.none, .repeatRequest(after: nil, answerWithCopy: true)])
        try await FaultyProxy.run(to: server, plan: plan) { proxy in
            for _ in 1...2 {
                await #expect(throws: RawAnswer.Failure.cut(received: 0)) {
                    try await RawHTTP(port: proxy.port).post("/", json: "1")
                }
            }

            try await EchoServer.run(port: server) { _ in
                let answer = try await RawHTTP(port: proxy.port).post("/", json: "back")
                #expect(answer.text == "back")
            }
        }
    }

    @Test("URLSession, which keeps connections open, passes too")
    func carriesURLSession() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([])) { proxy in
                let url = try #require(URL(string: "http://127.0.0.1:\(proxy.port)/"))
                for text in ["one", "two", "three"] {
                    var request = URLRequest(url: url)
                    request.httpMethod = "POST"
                    request.httpBody = Data(text.utf8)

                    let (data, _) = try await URLSession.shared.data(for: request)

                    #expect(String(decoding: data, as: UTF8.self) == text)
                }
            }
        }
    }
}
