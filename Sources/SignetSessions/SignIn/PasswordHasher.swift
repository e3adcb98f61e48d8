import CArgon2
import Foundation
package import NIOPosix
package import SignetTokens
import Synchronization

/// Hashes passwords with Argon2id, away from the event loops: a few at a time on threads of its own, a bounded number waiting.
///
/// Each hash takes 19 MiB, so an unbounded queue would be a way to exhaust the server's memory.
package final class PasswordHasher: Sendable {
    private let pool: NIOThreadPool
    private let cost: PasswordCost
    private let maximumWaiting: Int
    private let randomBytes: RandomBytes
    private let load = Mutex((waiting: 0, admitted: 0))

    /// What a sign-in of an unknown user is compared with: it costs what a real comparison costs.
    private let decoy: PasswordHash

    /// - Parameters:
    ///   - maximumWaiting: how many may be hashed or wait for it at one time.
    /// - Throws: ``PasswordHashingFailed``.
    package init(
        pool: NIOThreadPool, cost: PasswordCost = .standard, maximumWaiting: Int, randomBytes: @escaping RandomBytes
    ) throws {
        self.pool = pool
        self.cost = cost
        self.maximumWaiting = maximumWaiting
        self.randomBytes = randomBytes
        decoy = try Self.hash(Secret(Base64URL.string(randomBytes(16))), cost: cost, salt: randomBytes(16))
    }

    /// How many are being hashed or wait for it.
    package var waiting: Int { load.withLock(\.waiting) }

    /// How many were ever let in, for metrics and for the proof that every sign-in costs the same.
    package var admitted: Int { load.withLock(\.admitted) }

    /// A new hash of a password.
    /// - Throws: ``HashingOverloaded`` when too many are waiting.
    package func hash(_ password: Password) async throws -> PasswordHash {
        let salt = randomBytes(16)
        return try await onPool { [cost] in try Self.hash(password.text, cost: cost, salt: salt) }
    }

    /// Whether a password is the one that was hashed; without a hash, `false` after the same time.
    /// - Throws: ``HashingOverloaded`` when too many are waiting.
    package func verify(_ password: Password, against hash: PasswordHash?) async throws -> Bool {
        let expected = hash ?? decoy
        let isRight = try await onPool { Self.verify(password.text, against: expected) }
        return isRight && hash != nil
    }

    /// Whether a hash was made at a lower cost than new ones are.
    package func isOutdated(_ hash: PasswordHash) -> Bool {
        hash.cost.isWeaker(than: cost)
    }

    private func onPool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let isAdmitted = load.withLock { load in
            guard load.waiting < maximumWaiting else { return false }
            load.waiting += 1
            load.admitted += 1
            return true
        }
        guard isAdmitted else { throw HashingOverloaded() }
        defer { load.withLock { $0.waiting -= 1 } }
        return try await pool.runIfActive(work)
    }

    private static func hash(_ password: Secret<String>, cost: PasswordCost, salt: [UInt8]) throws -> PasswordHash {
        let length = argon2_encodedlen(cost.passes, cost.memory, cost.parallelism, UInt32(salt.count), 32, Argon2_id)
        var encoded = [CChar](repeating: 0, count: length)
        let status = password.reveal { password in
            let bytes = Array(password.utf8)
            return argon2id_hash_encoded(
                cost.passes, cost.memory, cost.parallelism, bytes, bytes.count, salt, salt.count, 32, &encoded, encoded.count
            )
        }
        let text = String(decoding: encoded.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard status == ARGON2_OK.rawValue, let hash = PasswordHash(phc: Secret(text)) else { throw PasswordHashingFailed() }
        return hash
    }

    private static func verify(_ password: Secret<String>, against hash: PasswordHash) -> Bool {
        password.reveal { password in
            hash.text.reveal { encoded in
                let bytes = Array(password.utf8)
                return argon2id_verify(encoded, bytes, bytes.count) == ARGON2_OK.rawValue
            }
        }
    }
}

/// More passwords are waiting to be hashed than the server holds; come again in a moment.
package struct HashingOverloaded: Error {}

/// Argon2 could not run, as when there is no memory left.
package struct PasswordHashingFailed: Error {}
