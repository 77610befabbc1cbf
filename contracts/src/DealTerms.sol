// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title What the parties of a deal sign
/// @notice EIP-712 statements of the domain "Hypha Deals", version 1, so that a wallet shows what they say. What becomes of them: Deals.
abstract contract DealTerms is EIP712 {
    /// What a provider signs.
    struct Offer {
        address provider;
        /// Zero: whoever accepts first.
        address tenant;
        bytes32 node;
        /// Hash of the manifest of what is to run.
        bytes32 spec;
        address token;
        /// Smallest units of the token a second.
        uint128 rate;
        uint128 minDeposit;
        /// Seconds after a deposit is used up in which a top-up goes on with the deal.
        uint32 grace;
        /// Seconds of pay that stay here for the tenant to object.
        uint32 window;
        /// Seconds that a provider tells the end before.
        uint32 notice;
        /// Seconds that the provider has to start after it was accepted.
        uint32 startWithin;
        /// Who decides when the tenant objects; zero for nobody.
        address arbiter;
        /// What a provider gets of what was objected to when nobody decided, in ten-thousandths.
        uint16 fallbackShare;
        /// Nobody else may have a deal about this node meanwhile.
        bool whole;
        /// How many deals may be made of it.
        uint32 times;
        /// Seconds since 1970.
        uint64 expires;
        uint256 salt;
    }

    /// What a tenant signs.
    struct Acceptance {
        /// EIP-712 digest of the offer.
        bytes32 offer;
        address tenant;
        uint128 deposit;
        uint64 expires;
        uint256 salt;
    }

    /// What both sign: so much of what was earned goes back to the tenant (a credit for missed service).
    struct Refund {
        bytes32 deal;
        /// From 0 on, each once.
        uint32 index;
        uint128 amount;
    }

    /// What both sign to end an objection.
    struct Settlement {
        bytes32 deal;
        uint128 toProvider;
    }

    bytes32 private constant _OFFER = keccak256(
        "Offer(address provider,address tenant,bytes32 node,bytes32 spec,address token,uint128 rate,uint128 minDeposit,uint32 grace,uint32 window,uint32 notice,uint32 startWithin,address arbiter,uint16 fallbackShare,bool whole,uint32 times,uint64 expires,uint256 salt)"
    );
    bytes32 private constant _ACCEPTANCE =
        keccak256("Acceptance(bytes32 offer,address tenant,uint128 deposit,uint64 expires,uint256 salt)");
    bytes32 private constant _REFUND = keccak256("Refund(bytes32 deal,uint32 index,uint128 amount)");
    bytes32 private constant _SETTLEMENT = keccak256("Settlement(bytes32 deal,uint128 toProvider)");

    constructor() EIP712("Hypha Deals", "1") {}

    function offerDigest(Offer calldata o) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(_OFFER, o)));
    }

    function acceptanceDigest(Acceptance calldata a) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(_ACCEPTANCE, a)));
    }

    function refundDigest(Refund calldata r) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(_REFUND, r)));
    }

    function settlementDigest(Settlement calldata s) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(_SETTLEMENT, s)));
    }
}
