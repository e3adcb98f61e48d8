package import SignetTokens

/// Why the keys cannot be changed as asked.
package enum KeyRefusal: Refusal, Equatable {
    /// There is no such key.
    case unknownKey
    /// A rotation is on its way: the next key signs from this moment on.
    case underWay(until: UnixTime)
    /// It was revoked before.
    case wasRevoked
    /// All its tokens have expired, or it never signed any.
    case isRetired
    /// Refresh keys are numbered up to 255, and the last few are for keys that leak.
    case lastVersion
    /// The very last refresh key leaked.
    case noVersionLeft
    /// Refresh keys are only taken away when they leaked.
    case keptForGood

    package var code: RefusalCode {
        switch self {
        case .unknownKey: .notFound
        case .underWay, .wasRevoked, .isRetired, .lastVersion, .noVersionLeft, .keptForGood: .conflict
        }
    }

    package var sentence: String {
        switch self {
        case .unknownKey: "There is no such key; `signet key list` shows the signing keys, with --refresh the refresh keys."
        case .underWay(let moment):
            "A rotation is under way: the next key signs from \(moment.rfc3339) on; rotate again after that."
        case .wasRevoked: "This key was revoked before."
        case .isRetired: "This key is out of use already: every token that it signed has expired."
        case .lastVersion:
            "The last refresh key that a rotation may take is in use; it goes on being used, and nobody is signed out."
        case .noVersionLeft:
            "All 255 refresh keys are used up, so nothing can take the place of this one; found a new server, and have everybody sign in there."
        case .keptForGood:
            "Refresh keys are kept, for devices hold tokens that were made under them; one that leaked is revoked with --now, which signs these devices out."
        }
    }

    package var reason: String {
        switch self {
        case .unknownKey: "unknown_key"
        case .underWay: "rotation_under_way"
        case .wasRevoked: "was_revoked"
        case .isRetired: "is_retired"
        case .lastVersion: "last_version"
        case .noVersionLeft: "no_version_left"
        case .keptForGood: "kept_for_good"
        }
    }
}
