//! What a stranger can hold open: how many connections there are, and how long each may keep us waiting.
//!
//! A connection says what it is for with its first headers, so a new one is always let in. Where there are too many, one that has kept us
//! waiting longest goes instead, and never Telegram's: thousands of people who say nothing take no place from who has something to say.
//!
//! | what is waited for | how long |
//! |---|---|
//! | the headers of a request, to their end | 10 s |
//! | the next piece of a body (salvo's fuse) | 10 s, and five minutes for all of it |
//! | that a piece of an answer is taken (salvo's fuse) | 10 s, and 75 s for all of it |
//! | the next request | 75 s, longer than proxies keep a connection for |

mod peer;

use std::{
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use brain::config::TrustedProxies;
use salvo::{
    conn::ConnCtrl,
    conn::SocketAddr as Address,
    fuse::{ArcConnObserver, ConnObserver, FuseAction, FuseConfig, FuseInfo, FusePolicy},
    http::ResBody,
    prelude::*,
};
use tokio::time::Instant;

pub(crate) use self::peer::Peer;
use crate::auth::{Origin, network};

/// No piece of a body, or of an answer, may take longer to come or to be taken.
const PIECE: Duration = Duration::from_secs(10);
/// How often the times are looked at.
const ROUND: Duration = Duration::from_secs(1);
/// The log hears of full connections again after they have not been full for so long.
const CALM: Duration = Duration::from_mins(1);
/// As many as anybody needs: proxies keep tens, Telegram opens a hundred at most.
const MOST: usize = 1024;
/// Where there is no room, the part of it that is made.
const AT_ONCE: usize = 32;
/// And where nobody may go yet, it is looked again so much later; the system keeps who comes meanwhile.
const AGAIN: Duration = Duration::from_millis(10);

/// All connections of the web process. Cheap to clone; clones share them.
#[derive(Clone)]
pub(crate) struct Connections(Arc<Shared>);

struct Shared {
    most: usize,
    proxies: TrustedProxies,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    peers: HashMap<SocketAddr, Arc<Peer>>,
    /// How many there are of each network.
    networks: HashMap<IpAddr, usize>,
    /// Since it was last calm: how many have been closed to make room, and when the last of them was.
    shed: u64,
    shed_at: Option<Instant>,
}

impl Connections {
    /// As many as `descriptors` leave room for: the database, the log and what is just being closed need some too.
    pub(crate) fn new(descriptors: usize, proxies: TrustedProxies) -> Self {
        let most = (descriptors / 2).clamp(16, MOST);
        Self(Arc::new(Shared { most, proxies, open: Mutex::default() }))
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Behind a proxy of ours are many people.
    fn network(&self, address: SocketAddr) -> Option<IpAddr> {
        let ip = address.ip().to_canonical();
        (!self.0.proxies.trusts(ip)).then(|| network(ip))
    }

    /// Makes room for one more, where others have to go for it. Whether there is some: who has just come is let speak first.
    fn make_room(&self, address: SocketAddr, now: Instant) -> bool {
        let (network, most, mut open) = (self.network(address), self.0.most, self.open());
        if network.is_some_and(|network| open.number_of(network) >= most / 2) {
            open.shed(|other| other.network == network, now, most)
        } else {
            open.peers.len() < most || open.shed(|_| true, now, most)
        }
    }

    fn enter(&self, address: SocketAddr, ctrl: &ConnCtrl, now: Instant) -> Arc<Peer> {
        let peer = Arc::new(Peer::new(self.network(address), ctrl.clone(), now));
        self.open().insert(address, Arc::clone(&peer));
        peer
    }

    /// Closes what keeps us waiting for too long, and says once that it was calm again.
    fn round(&self, now: Instant) {
        let mut open = self.open();
        let late: Vec<_> =
            open.peers.iter().filter(|(_, peer)| peer.is_late(now)).map(|(at, _)| *at).collect();
        for address in late {
            open.close(address);
        }
        if open.shed_at.is_some_and(|at| now.duration_since(at) > CALM) {
            tracing::info!(closed = open.shed, "there is room for connections again");
            (open.shed, open.shed_at) = (0, None);
        }
    }

    /// Looks at the times for as long as the process runs.
    pub(crate) async fn watch(self) {
        let mut rounds = tokio::time::interval(ROUND);
        loop {
            rounds.tick().await;
            self.round(Instant::now());
        }
    }

    fn leave(&self, address: SocketAddr, peer: &Arc<Peer>) {
        let mut open = self.open();
        if open.peers.get(&address).is_some_and(|there| Arc::ptr_eq(there, peer)) {
            open.remove(address);
        }
    }
}

impl Open {
    fn number_of(&self, network: IpAddr) -> usize {
        self.networks.get(&network).copied().unwrap_or_default()
    }

    fn insert(&mut self, address: SocketAddr, peer: Arc<Peer>) {
        self.remove(address);
        if let Some(network) = peer.network {
            *self.networks.entry(network).or_default() += 1;
        }
        self.peers.insert(address, peer);
    }

    fn remove(&mut self, address: SocketAddr) -> Option<Arc<Peer>> {
        let peer = self.peers.remove(&address)?;
        if let Some(network) = peer.network
            && let Entry::Occupied(mut number) = self.networks.entry(network)
        {
            *number.get_mut() -= 1;
            if *number.get() == 0 {
                number.remove();
            }
        }
        Some(peer)
    }

    fn close(&mut self, address: SocketAddr) {
        if let Some(peer) = self.remove(address) {
            peer.close();
        }
    }

    /// Makes room, if it can. A few go at once, so that not everybody has to be looked at for each that comes.
    fn shed(&mut self, of: impl Fn(&Peer) -> bool, now: Instant, most: usize) -> bool {
        let (mut strangers, mut protected) = (Vec::new(), Vec::new());
        let mut is_any_young = false;
        for (address, peer) in self.peers.iter().filter(|(_, peer)| of(peer)) {
            match peer.place() {
                (true, since) => protected.push((since, *address)),
                (false, since) if peer.has_had_its_say(now) => strangers.push((since, *address)),
                (false, _) => is_any_young = true,
            }
        }
        // Telegram's go only where there is nobody else at all.
        let (mut leaving, number) = match (strangers.is_empty(), is_any_young) {
            (false, _) => (strangers, (most / AT_ONCE).max(1)),
            (true, true) => return false,
            (true, false) => (protected, 1),
        };
        leaving.sort_unstable();
        for (_, address) in leaving.into_iter().take(number) {
            self.close(address);
            self.shed += 1;
        }
        if self.shed_at.replace(now).is_none() {
            tracing::warn!(
                most,
                "there are too many connections; those that keep us waiting longest are closed to let others in"
            );
        }
        true
    }
}

/// salvo asks for each connection that it takes.
#[async_trait]
impl FusePolicy for Connections {
    async fn decide(&self, info: &FuseInfo) -> FuseAction {
        if let Some(address) = socket(&info.remote_addr) {
            while !self.make_room(address, Instant::now()) {
                tokio::time::sleep(AGAIN).await;
            }
        }
        FuseAction::Accept(
            FuseConfig::disabled().with_write_stall_timeout(PIECE).with_request_body_timeout(PIECE),
        )
    }

    fn observe(&self, info: &FuseInfo, ctrl: &ConnCtrl) -> Option<ArcConnObserver> {
        let address = socket(&info.remote_addr)?;
        let peer = self.enter(address, ctrl, Instant::now());
        Some(Arc::new(Watched { connections: self.clone(), address, peer }))
    }
}

/// Lives as long as its connection.
struct Watched {
    connections: Connections,
    address: SocketAddr,
    peer: Arc<Peer>,
}

impl ConnObserver for Watched {
    fn on_read(&self, _: usize) {
        self.peer.speaks(Instant::now());
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.connections.leave(self.address, &self.peer);
    }
}

/// Around every request: its connection waits for us now, and afterwards we wait for it again.
#[async_trait]
impl Handler for Connections {
    async fn handle(
        &self,
        request: &mut Request,
        depot: &mut Depot,
        response: &mut Response,
        ctrl: &mut FlowCtrl,
    ) {
        let origin = Origin::find(request, &self.0.proxies);
        request.extensions_mut().insert(origin);
        let peer = socket(request.remote_addr()).and_then(|address| self.open().peers.get(&address).cloned());
        let Some(peer) = peer else { return };
        peer.asks();
        request.extensions_mut().insert(Arc::clone(&peer));
        ctrl.call_next(request, depot, response).await;
        let is_stream = matches!(response.body, ResBody::Stream(_) | ResBody::Boxed(_) | ResBody::Channel(_));
        peer.rests(Instant::now(), is_stream);
    }
}

fn socket(address: &Address) -> Option<SocketAddr> {
    let v4 = address.as_ipv4().copied().map(SocketAddr::from);
    v4.or_else(|| address.as_ipv6().copied().map(SocketAddr::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(network: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([203, 0, 113, network], port))
    }

    /// Room for sixteen, and a clock that goes on with each that comes.
    struct Sixteen(Connections, Instant);

    impl Sixteen {
        fn beside(proxies: &str) -> Self {
            let env = [("TRUSTED_PROXIES", proxies)].into_iter().collect();
            Self(Connections::new(0, TrustedProxies::from_env(&env).unwrap()), Instant::now())
        }

        fn enter(&mut self, address: SocketAddr) -> (ConnCtrl, Arc<Peer>) {
            self.1 += Duration::from_millis(200);
            assert!(self.0.make_room(address, self.1));
            let ctrl = ConnCtrl::new();
            let peer = self.0.enter(address, &ctrl, self.1);
            (ctrl, peer)
        }

        fn open(&self) -> usize {
            self.0.open().peers.len()
        }
    }

    #[test]
    fn a_new_one_takes_the_place_of_who_has_waited_longest_but_not_of_the_webhook_s() {
        let mut room = Sixteen::beside("");
        let (telegram, webhook) = room.enter(address(0, 1));
        webhook.has_the_secret();
        let others: Vec<_> = (1..16).map(|network| room.enter(address(network, 1))).collect();
        // The first has been answered since, so the second has waited longer; and more bytes make nobody younger.
        others[0].1.asks();
        others[0].1.rests(room.1, false);
        others[1].1.speaks(room.1);
        room.enter(address(100, 1));
        room.enter(address(101, 1));
        let gone: Vec<usize> = (0..15).filter(|n| others[*n].0.is_aborted()).collect();
        assert_eq!(gone, [1, 2]);
        assert!(!telegram.is_aborted());
        assert_eq!(room.open(), 16);
        assert_eq!(room.0.open().shed, 2);
    }

    #[test]
    fn one_network_gets_half_of_the_room_and_a_proxy_of_ours_all_of_it() {
        let mut room = Sixteen::beside("203.0.113.9");
        let (first, _) = room.enter(address(1, 1));
        for port in 1..20 {
            room.enter(address(2, port));
        }
        assert_eq!(room.open(), 9);
        for port in 1..8 {
            room.enter(address(9, port));
        }
        assert_eq!(room.open(), 16);
        assert!(!first.is_aborted(), "who waits longest of all is not of that network");
        let (_, peer) = room.enter(address(9, 99));
        assert!(first.is_aborted());
        room.0.leave(address(9, 99), &peer);
        assert_eq!(room.open(), 15);
    }

    #[test]
    fn who_has_just_come_is_let_speak_first() {
        let mut room = Sixteen::beside("");
        let now = room.1;
        for network in 0..16 {
            assert!(room.0.make_room(address(network, 1), now));
            room.0.enter(address(network, 1), &ConnCtrl::new(), now);
        }
        assert!(!room.0.make_room(address(100, 1), now + Duration::from_millis(50)));
        assert_eq!(room.open(), 16);
        assert!(room.0.make_room(address(100, 1), now + Duration::from_millis(150)));
        room.enter(address(100, 1));
        assert_eq!(room.open(), 16);
    }

    #[test]
    fn the_webhook_s_go_only_where_there_is_nobody_else() {
        let mut room = Sixteen::beside("");
        let telegram: Vec<_> = (0..15).map(|network| room.enter(address(network, 1))).collect();
        for (_, peer) in &telegram {
            peer.has_the_secret();
        }
        let (_, young) = room.enter(address(50, 1));
        assert!(!room.0.make_room(address(100, 1), room.1));
        young.has_the_secret();
        assert!(room.0.make_room(address(100, 1), room.1));
        let closed = telegram.iter().filter(|(ctrl, _)| ctrl.is_aborted()).count();
        assert_eq!((closed, room.open()), (1, 15));
    }

    #[test]
    fn each_wait_has_its_time() {
        let mut room = Sixteen::beside("");
        let (silent, _) = room.enter(address(1, 1));
        let (dribbling, dribbler) = room.enter(address(2, 1));
        let (idle, idler) = room.enter(address(3, 1));
        let (asking, asker) = room.enter(address(4, 1));
        let (listening, listener) = room.enter(address(5, 1));
        let begun = room.1;
        for peer in [&idler, &asker, &listener] {
            peer.asks();
        }
        idler.rests(begun, false);
        listener.rests(begun, true);
        for (seconds, gone) in [(9, 0), (11, 2), (74, 2), (76, 3), (299, 3), (301, 4), (9999, 4)] {
            let now = begun + Duration::from_secs(seconds);
            dribbler.speaks(now);
            room.0.round(now);
            let all = [&silent, &dribbling, &idle, &asking, &listening];
            let closed: Vec<bool> = all.iter().map(|ctrl| ctrl.is_aborted()).collect();
            assert_eq!(closed, (0..5).map(|n| n < gone).collect::<Vec<_>>(), "after {seconds} s");
        }
    }
}
