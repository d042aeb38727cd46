//! One visit to the site from end to end: reached, recognised, asked, left. What goes wrong on the way
//! leaves the rest unknown with that reason and keeps what was seen.

use super::ask::{Answered, Ask, Ground, follow};
use super::canary;
use super::connect::{Shaken, reach, shake};
use super::control::Controls;
use super::marker;
use super::places::Places;
use super::present::present;
use super::send::{Failure, Sender};
use super::site::Site;
use super::trust::Trust;
use super::unseen::{unseen, unseen_canary, unseen_tls};
use super::{data_asks, file_asks, page_asks, plain, recognise, tls};
use crate::facts::{Asked, Exchange, Known, Listing, LiveFacts};
use crate::host::Host;
use crate::route::{Request, Scheme};
use crate::target::{Asking, Target, Vantage};
use rustls::{ALL_VERSIONS, ClientConfig};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Instant;

const TIME_UP: &str = "the time for HTTP requests was used up; --timeout gives more";

/// What a visit needs to know.
pub(super) struct Visit<'a> {
    pub(super) host: &'a Host,
    pub(super) target: &'a Target,
    pub(super) asking: &'a Asking,
    pub(super) trust: Trust,
    pub(super) deadline: Instant,
}

impl Visit<'_> {
    /// Goes there.
    pub(super) async fn pay(&self, site: Site) -> LiveFacts {
        let arrival = tokio::time::timeout(self.left(), self.arrive(site)).await;
        let arrival = arrival.unwrap_or_else(|_| Err(Failure::Silent(TIME_UP.to_owned())));
        match arrival {
            Ok((sender, home)) => self.look_around(sender, home).await,
            Err(failure) => {
                let mut facts = unseen(failure.reason());
                facts.site.answers = match failure {
                    Failure::Refused(_) => Known::Known(false),
                    _ => Known::unknown(failure.reason()),
                };
                facts
            }
        }
    }

    fn left(&self) -> std::time::Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Reaches the site and its first page; a site that sends plain HTTP to HTTPS is asked there.
    async fn arrive(&self, site: Site) -> Result<(Sender, Answered), Failure> {
        let mut sender = self.sender(site).await?;
        let request = sender.site.home.clone();
        let home = follow(&mut sender, &request).await?;
        if request.scheme == Scheme::Http && home.at.scheme == Scheme::Https {
            let url = sender
                .site
                .over(Scheme::Https, home.at.port, &text(&request.target))
                .url();
            let mut secure = self
                .sender(Site::new(&url).map_err(Failure::Broken)?)
                .await?;
            let request = secure.site.home.clone();
            let home = follow(&mut secure, &request).await?;
            secure.sent += sender.sent;
            return Ok((secure, home));
        }
        Ok((sender, home))
    }

    async fn sender(&self, site: Site) -> Result<Sender, Failure> {
        let ends = reach(&site, site.home.port).await?;
        let config = self.tls_for(&site, ends.0).await?;
        Sender::new(site, ends, &config, self.deadline).map_err(Failure::Broken)
    }

    /// Strict, unless the site's certificate is a bad one: that is noted elsewhere and looked past.
    async fn tls_for(&self, site: &Site, address: IpAddr) -> Result<ClientConfig, Failure> {
        let shaken = match tls::port(site) {
            None => None,
            Some(port) => {
                let there = SocketAddr::new(address, port);
                let shaken = shake(site, there, &self.trust, ALL_VERSIONS).await;
                match site.home.scheme {
                    Scheme::Https => Some(shaken?),
                    Scheme::Http => shaken.ok(),
                }
            }
        };
        let is_good = |shaken: &Shaken| {
            shaken.seen.trusted == Ok(true)
                && shaken.seen.problem.is_empty()
                && tls::is_for(site, &shaken.seen.certificate)
        };
        if shaken.as_ref().is_some_and(is_good)
            && let Some(strict) = self.trust.strict()
        {
            return Ok(strict);
        }
        self.trust
            .noting(ALL_VERSIONS, &Arc::new(Mutex::new(None)))
            .map_err(Failure::Broken)
    }

    async fn look_around(&self, mut sender: Sender, home: Answered) -> LiveFacts {
        let places = Places::new(self.host, self.target);
        let mut facts = unseen("it was not asked for");
        let ground = self.ground(&mut sender, &places, &home, &mut facts).await;
        let site = sender.site.clone();
        let mut round = Round {
            sender: &mut sender,
            ground: &ground,
            exchanges: Vec::new(),
            from: String::new(),
        };
        round.from = round.sender.from.to_string();
        let asks = data_asks::asks(&site, &places, self.target);
        facts.data = round.ask(asks).await;
        facts.files = round.ask(file_asks::files(&site, &places)).await;
        facts.directories = round.ask(file_asks::directories(&site, &places)).await;
        facts.installer = round.ask(page_asks::installer(&site)).await;
        facts.interfaces = round.ask(page_asks::interfaces(&site, &places)).await;
        facts.diagnostics = round.ask(page_asks::diagnostics(&site, &places)).await;
        facts.exchanges = Listing::whole(round.exchanges);
        present(&mut sender, &ground, &home, &mut facts).await;
        facts.plain_http = plain::observe(&mut sender, &ground, &home, &self.asked_plainly()).await;
        let address = sender.address;
        facts.tls = tokio::time::timeout(self.left(), tls::observe(&site, address, &self.trust))
            .await
            .unwrap_or_else(|_| unseen_tls(TIME_UP));
        facts.canary = match (&ground.doubt, self.asking.canary) {
            (_, false) => unseen_canary("--canary was not given"),
            (Some(doubt), true) => unseen_canary(doubt),
            (None, true) => {
                let rows = &mut facts.data;
                canary::observe(&mut sender, &places, self.target, &self.trust, rows).await
            }
        };
        self.describe(&sender, &mut facts);
        facts
    }

    /// Plain HTTP's port is the URL's own where the URL is a plain one.
    fn asked_plainly(&self) -> Option<u16> {
        let (url, _) = self.asking.url.as_ref()?;
        let request = Request::new(url, IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED)).ok()?;
        (request.scheme == Scheme::Http).then_some(request.port)
    }

    async fn ground(
        &self,
        sender: &mut Sender,
        places: &Places<'_>,
        home: &Answered,
        facts: &mut LiveFacts,
    ) -> Ground {
        let names = self.names();
        let controls = match &names {
            Ok([one, two]) => Controls::ask(sender, [one, two])
                .await
                .map_err(|failure| failure.reason().to_owned()),
            Err(problem) => Err(problem.clone()),
        };
        let recognised = recognise::helpdesk(sender, places, home).await;
        let wall = controls
            .as_ref()
            .ok()
            .and_then(|controls| recognise::wall(home, controls));
        let doubt = controls
            .as_ref()
            .err()
            .cloned()
            .or(wall)
            .or_else(|| recognised.as_ref().err().cloned());
        facts.site.recognised_by = Known::from(recognised);
        facts.site.answers = Known::Known(true);
        Ground {
            controls: controls.unwrap_or_default(),
            doubt,
            outside: self.asking.vantage == Some(Vantage::Outside),
        }
    }

    /// Two names that no site has.
    fn names(&self) -> Result<[String; 2], String> {
        let word = || {
            let bytes = self.trust.random()?;
            let letters = bytes
                .iter()
                .take(10)
                .map(|byte| char::from(b'a' + byte % 26));
            Ok::<_, String>(format!("dg{}", letters.collect::<String>()))
        };
        Ok([word()?, word()?])
    }

    fn describe(&self, sender: &Sender, facts: &mut LiveFacts) {
        let site = &mut facts.site;
        site.scheme = Known::Known(sender.site.home.scheme.word().to_owned());
        site.address = Known::Known(sender.address.to_string());
        // The kernel gives a connection to one's own address that very address as its source.
        let here = sender.address == sender.from || sender.address.is_loopback();
        site.is_here = Known::Known(here);
        let vantage = self.asking.vantage.unwrap_or(Vantage::Inside);
        site.vantage = vantage.word().to_owned();
        site.requests = sender.sent;
    }
}

/// Questions asked one after the other, with what the route models need to compare.
struct Round<'a> {
    sender: &'a mut Sender,
    ground: &'a Ground,
    exchanges: Vec<Exchange>,
    from: String,
}

impl Round<'_> {
    async fn ask(&mut self, asks: Vec<Ask>) -> Listing<Asked> {
        let mut rows = Vec::with_capacity(asks.len());
        for ask in asks {
            let result = follow(self.sender, &ask.request).await;
            if let Ok(answered) = &result {
                self.exchanges.push(self.exchange(&ask, answered));
            }
            rows.push(ask.judge(self.ground, &result));
        }
        Listing::whole(rows)
    }

    fn exchange(&self, ask: &Ask, answered: &Answered) -> Exchange {
        let first = &answered.first;
        let is_file = |(_, bytes): &&(String, Vec<u8>)| {
            (200..300).contains(&first.status) && marker::is_start_of(bytes, &first.body)
        };
        Exchange {
            url: ask.request.url(),
            from: self.from.clone(),
            status: first.status,
            file: ask
                .disk
                .as_ref()
                .filter(is_file)
                .map(|(path, _)| path.clone())
                .unwrap_or_default(),
            php_source: marker::php_source(&first.body),
            listing: marker::listing(first),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
